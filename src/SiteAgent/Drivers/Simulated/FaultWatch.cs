namespace ControlPlane.SiteAgent.Drivers.Simulated;

/// <summary>
/// Breaks and heals simulated sites as files say: one named for the site holds the word for what is wrong, and no file
/// means that nothing is.
/// </summary>
internal sealed class FaultWatch(string folder, IReadOnlyDictionary<SiteId, SimulatedCluster> sites)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    public async Task RunAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        while (!cancellation.IsCancellationRequested)
        {
            Look();
            await Task.Delay(LookEvery, cancellation);
        }
    }

    public void Look()
    {
        var broken = Directory.EnumerateFiles(folder).ToDictionary(path => Path.GetFileName(path));
        foreach (var (site, cluster) in sites)
        {
            cluster.Break(broken.TryGetValue(site.Value, out var path) ? Read(path) : SimulatedFault.None);
        }
    }

    private static SimulatedFault Read(string path)
    {
        // A file may go away between the two looks; then nothing is wrong any more.
        if (!File.Exists(path)) return SimulatedFault.None;
        return Enum.TryParse<SimulatedFault>(File.ReadAllText(path).Trim(), ignoreCase: true, out var fault)
            ? fault
            : SimulatedFault.Dead;
    }
}
