using System.Globalization;
using System.Text.RegularExpressions;

namespace ControlPlane.Server.Tests.Chaos.Sites;

/// <summary>
/// Adds up what agents say that they started and stopped, and what was done to their sites: what runs where at any
/// time, told by nobody but the sites.
/// </summary>
internal sealed partial class RunWatch
{
    /// <summary>Something that a site's agent logged, or that was done to the site.</summary>
    public sealed record Said(DateTime At, SiteId Site, string Line);

    /// <summary>The line that stands for the end of everything at a site.</summary>
    public const string Died = "everything died";

    private readonly Dictionary<(SiteId Site, string Workload), string> running = [];

    /// <summary>Work of which two sites ran something at once, as sentences.</summary>
    public List<string> Doubled { get; } = [];

    /// <summary>Starts and stops that were seen.</summary>
    public int Seen { get; private set; }

    /// <summary>What runs now: site, workload and epoch.</summary>
    public IEnumerable<(SiteId Site, string Workload, string Epoch)> Running =>
        running.Select(item => (item.Key.Site, item.Key.Workload, item.Value));

    /// <param name="said">Everything that was said, in any order.</param>
    /// <param name="workloads">Workloads by the placements that they have.</param>
    /// <param name="alone">Whether a workload may run at one site only at a time.</param>
    public static RunWatch Of(
        IEnumerable<Said> said, IReadOnlyDictionary<Guid, string> workloads, Func<string, bool> alone)
    {
        var watch = new RunWatch();
        foreach (var item in said.OrderBy(item => item.At)) watch.Take(item, workloads, alone);
        return watch;
    }

    private void Take(Said said, IReadOnlyDictionary<Guid, string> workloads, Func<string, bool> alone)
    {
        if (said.Line == Died)
        {
            foreach (var key in running.Keys.Where(key => key.Site == said.Site).ToList()) running.Remove(key);
        }
        else if (StartedText().Match(said.Line) is { Success: true } started)
        {
            Seen++;
            var workload = started.Groups["workload"].Value;
            foreach (var other in running.Keys.Where(key => key.Workload == workload && key.Site != said.Site))
            {
                if (alone(workload)) Doubled.Add(string.Create(CultureInfo.InvariantCulture,
                    $"{workload} was started at {said.Site} at {said.At:HH:mm:ss.fff} and ran at {other.Site} still"));
            }

            running[(said.Site, workload)] = started.Groups["epoch"].Value;
        }
        else if (StoppedText().Match(said.Line) is { Success: true } stopped)
        {
            Seen++;
            if (workloads.TryGetValue(Guid.Parse(stopped.Groups["placement"].Value), out var workload)
                && running.TryGetValue((said.Site, workload), out var epoch)
                && epoch == stopped.Groups["epoch"].Value)
            {
                running.Remove((said.Site, workload));
            }
        }
    }

    [GeneratedRegex(@" started [^/ ]+/(?<workload>[^ ]+) epoch (?<epoch>[^ ]+)$")]
    private static partial Regex StartedText();

    [GeneratedRegex(@" stopped (?<placement>[0-9a-f-]{36}) epoch (?<epoch>[^ ]+)$")]
    private static partial Regex StoppedText();
}
