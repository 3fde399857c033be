using ControlPlane.Ledger;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Identity;

/// <summary>
/// Brings what was denied into the ledger: who asked for what, from where, and how often. Equal attempts of a second
/// are counted together and their kinds are bounded, so that nobody fills the ledger by being refused.
/// </summary>
internal sealed class DenialLog : IAsyncDisposable
{
    /// <summary>Kinds of attempts that are told apart in a second; the others are counted as one.</summary>
    public const int MostKinds = 32;

    private static readonly TimeSpan period = TimeSpan.FromSeconds(1);
    private static readonly Actor many = new("others", "", "", "");

    private readonly Lock sync = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly DecisionLoop loop;
    private readonly Task writing;
    private Dictionary<(Actor By, string Operation, string Slug), int> counts = [];

    public DenialLog(DecisionLoop loop)
    {
        this.loop = loop;
        writing = Task.Run(WriteAsync);
    }

    public void Add(Actor by, string operation, string slug)
    {
        lock (sync)
        {
            var kind = (by, operation, slug);
            if (!counts.ContainsKey(kind) && counts.Count >= MostKinds) kind = (many, "any", slug);
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await writing;
        stopping.Dispose();
    }

    private async Task WriteAsync()
    {
        using var timer = new PeriodicTimer(period);
        var goesOn = true;
        while (goesOn)
        {
            try
            {
                goesOn = await timer.WaitForNextTickAsync(stopping.Token);
            }
            catch (OperationCanceledException)
            {
                // What was denied until now is still written.
                goesOn = false;
            }

            await FlushAsync();
        }
    }

    private async Task FlushAsync()
    {
        Dictionary<(Actor By, string Operation, string Slug), int> taken;
        lock (sync)
        {
            if (counts.Count == 0) return;
            (taken, counts) = (counts, []);
        }

        var denials = taken
            .OrderBy(item => item.Key.By.Subject, StringComparer.Ordinal)
            .ThenBy(item => item.Key.Operation, StringComparer.Ordinal)
            .Select(item => new AccessDenied(item.Key.Operation, item.Key.Slug, item.Value, "") { By = item.Key.By })
            .ToSeq();
        if (await loop.SubmitAsync(new RecordDenials(denials), CancellationToken.None) is not Unavailable) return;
        // The database is away: they are counted on and written when it is back, or told by the next ones.
        lock (sync)
        {
            foreach (var (kind, times) in taken)
            {
                if (counts.ContainsKey(kind) || counts.Count < MostKinds)
                    counts[kind] = counts.GetValueOrDefault(kind) + times;
            }
        }
    }
}
