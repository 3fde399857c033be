using ControlPlane.Regions.Stacks;

namespace ControlPlane.Policies.Stacks;

/// <summary>
/// Lets only those providers make resources that the region file declares clusters on, and only explicit ones.
/// </summary>
public sealed record AllowedProviderRule : PlanRule
{
    private const string DefaultPrefix = "default";

    private static readonly Seq<string> Everywhere = ["kubernetes", "pulumi"];

    public override string Name => "allowed-providers";

    public override string Demand =>
        "Only providers that the region file declares clusters on make resources, and each is declared explicitly.";

    public override string Remedy =>
        "Declare a cluster on that provider in the region file, and give the resource an explicit provider.";

    public override PlanSeverity Severity => PlanSeverity.Critical;

    public override IEnumerable<PlanFinding> Judge(PlanCase at, PlannedResource resource)
    {
        var package = resource.Package;
        // Components group resources and make nothing themselves; their package is the program's own.
        if (!resource.IsProvider && resource.Provider is null && !KnownPackages(at).Contains(package)) yield break;
        var declared = at.Clusters.Select(cluster => cluster.Spec.Provider).Distinct().ToList();
        if (!Everywhere.Contains(package) && !declared.Contains(package))
        {
            var providers = declared.Count == 0 ? "none" : string.Join(", ", declared);
            yield return Broken(resource, $"provider {package} is not one that the region file declares ({providers})");
        }

        var name = resource.IsProvider ? resource.Name : resource.Provider?.Name;
        if (package != "pulumi" && name is not null && name.StartsWith(DefaultPrefix, StringComparison.Ordinal))
            yield return Broken(
                resource, $"it is made by the default provider of {package}, which is pinned to no region");
    }

    public override IEnumerable<PlanFinding> JudgeConfig(PlanCase at, Seq<PlanEntry> config)
    {
        const string key = "pulumi:disable-default-providers";
        var value = config.FirstOrDefault(entry => entry.Name == key).Value;
        if (value?.Contains("\"*\"", StringComparison.Ordinal) != true)
            yield return BrokenByConfig(
                at, $"{key} does not hold \"*\", so what names no provider would be made where an environment chose");
    }

    private static IEnumerable<string> KnownPackages(PlanCase at) =>
        at.Fleet.Catalog.ProviderRegions.Select(region => region.Provider).Append("gcp").Append("google-native");
}
