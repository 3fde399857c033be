namespace ControlPlane.Regions.Stacks;

/// <summary>What a plan is made from, and all that was found wrong on the way.</summary>
internal sealed class PlanDraft(Fleet fleet, FleetRegion region, StackSettings settings, DateTimeOffset asOf)
{
    private readonly List<Problem> problems = [];
    private readonly SortedDictionary<string, LeftOut> leftOut = new(StringComparer.Ordinal);

    public Fleet Fleet => fleet;

    public FleetRegion Region => region;

    public StackSettings Settings => settings;

    public DateTimeOffset AsOf => asOf;

    public IReadOnlyList<Problem> Problems => problems;

    public Seq<LeftOut> LeftOut => leftOut.Values.ToSeq();

    public ClusterSettings? SettingsOf(FleetCluster cluster) =>
        settings.Clusters.FirstOrDefault(item => item.Cluster == cluster.Id);

    public void Report(string slug, string path, string message) => problems.Add(new Problem(slug, path, message));

    public void Leave(string name, string because) => leftOut[name] = new LeftOut(name, because);
}
