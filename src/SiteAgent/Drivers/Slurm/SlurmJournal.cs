using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Failover;
using ControlPlane.SiteAgent.Failover;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers.Slurm;

/// <summary>
/// Remembers, on disk, what Slurm forgets some minutes after a job ended: the newest epoch of each placement and how
/// it ended. It is written before anything is submitted.
/// </summary>
internal sealed class SlurmJournal
{
    private const string FileName = "slurm-journal.json";

    /// <summary>Placements of which nothing was heard for this long are forgotten.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(90);

    private readonly SiteFolder folder;
    private readonly TimeProvider clock;
    private readonly SortedDictionary<string, Entry> entries;

    public SlurmJournal(SiteFolder folder, TimeProvider clock)
    {
        this.folder = folder;
        this.clock = clock;
        // A journal that can not be read stops the agent: without it old epochs could start again.
        entries = folder.ReadText(FileName) is { } text
            ? JsonSerializer.Deserialize<SortedDictionary<string, Entry>>(text) ?? []
            : [];
    }

    /// <summary>What ended and was not stopped since.</summary>
    public IEnumerable<(WorkName Name, Entry Entry)> Ended =>
        from entry in entries
        where entry.Value.Status is not null
        select (NameOf(entry), entry.Value);

    /// <summary>What was submitted and, as far as is known, neither ended nor was stopped.</summary>
    public IEnumerable<(WorkName Name, Entry Entry)> Submitted =>
        from entry in entries
        where entry.Value is { Status: null, Job: > 0 }
        select (NameOf(entry), entry.Value);

    public Entry? Find(DecisionId placement) => entries.GetValueOrDefault(Key(placement));

    public void Put(WorkName name, Entry entry)
    {
        var oldest = clock.GetUtcNow() - KeptFor;
        foreach (var (key, kept) in entries.Where(kept => kept.Value.At < oldest).ToList()) entries.Remove(key);
        entries[Key(name.Placement)] = entry with { At = clock.GetUtcNow() };
        folder.WriteText(FileName, JsonSerializer.Serialize(entries));
    }

    private static string Key(DecisionId placement) => placement.Value.ToString("n");

    private static WorkName NameOf(KeyValuePair<string, Entry> entry) =>
        new(new(Guid.ParseExact(entry.Key, "n")), entry.Value.Epoch);

    /// <summary>The newest epoch of a placement.</summary>
    /// <param name="Job">Number of its job; 0 while it is about to be submitted, and once it was stopped.</param>
    /// <param name="Status">How it ended; null when it did not, or was stopped.</param>
    internal sealed record Entry(long Timeline, long Counter, long Job, WorkStatus? Status)
    {
        public RunClass RunClass { get; init; }

        public DateTimeOffset At { get; init; }

        [JsonIgnore]
        public Epoch Epoch => new(Timeline, Counter);
    }
}
