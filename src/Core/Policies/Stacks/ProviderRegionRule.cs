using ControlPlane.Regions.Stacks;

namespace ControlPlane.Policies.Stacks;

/// <summary>
/// Keeps every resource in the provider's regions that the region file declares, inside its jurisdiction.
/// </summary>
public sealed record ProviderRegionRule : PlanRule
{
    public override string Name => "provider-region";

    public override string Demand =>
        "Providers and resources are pinned to provider regions that the region file declares, in its jurisdiction.";

    public override string Remedy =>
        "Use the provider region of the region file, or declare the other region's own stack.";

    public override PlanSeverity Severity => PlanSeverity.Critical;

    public override IEnumerable<PlanFinding> Judge(PlanCase at, PlannedResource resource)
    {
        var property = resource.Package switch
        {
            "aws" => "region",
            "azure" when !resource.IsProvider => "location",
            _ => null,
        };
        if (property is null)
        {
            if (resource.Package == "azure") yield break;
            yield return NotApplicable(resource, $"{resource.Package} resources have no provider region of their own");
            yield break;
        }

        foreach (var finding in Place(at, resource, (property, resource.Properties[property]))) yield return finding;
        if (resource is { Package: "aws", IsProvider: false, Provider: { } provider })
        {
            var region = provider.Properties["region"];
            foreach (var finding in Place(at, resource, ("region of its provider", region), demanded: true))
                yield return finding;
        }

        if (resource.Package == "aws")
        {
            foreach (var finding in Zone(at, resource)) yield return finding;
        }
    }

    public override IEnumerable<PlanFinding> JudgeConfig(PlanCase at, Seq<PlanEntry> config)
    {
        foreach (var entry in config)
        {
            var provider = entry.Name switch
            {
                "aws:region" => "aws",
                "azure:location" or "azure-native:location" => "azure",
                "gcp:region" => "gcp",
                _ => null,
            };
            if (provider is null) continue;
            if (at.WhyOutside(provider, entry.Value) is { } outside)
                yield return BrokenByConfig(at, $"{entry.Name}: {outside}");
            else if (!at.DeclaredRegions(provider).Contains(entry.Value))
                yield return BrokenByConfig(
                    at, $"{entry.Name} is {entry.Value}, in which the region file declares no cluster");
        }
    }

    private IEnumerable<PlanFinding> Place(
        PlanCase at, PlannedResource resource, (string Name, PlanValue Value) given, bool demanded = false)
    {
        var (property, value) = given;
        if (value.IsUnknown)
        {
            yield return Undecided(resource, property);
            yield break;
        }

        if (value.Text is not { } code)
        {
            if (demanded || resource.IsProvider)
                yield return Broken(
                    resource, $"{property} is not pinned; the region file decides it, not an environment");
            yield break;
        }

        var package = resource.Package;
        if (at.WhyOutside(package, code) is { } outside)
        {
            yield return Broken(resource, $"{property}: {outside}");
            yield break;
        }

        var declared = at.DeclaredRegions(package);
        if (!declared.Any(item =>
            string.Equals(item, code.Replace(" ", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)))
            yield return Broken(resource, $"{property} is {code}; declared are {string.Join(", ", declared)}");
    }

    private IEnumerable<PlanFinding> Zone(PlanCase at, PlannedResource resource)
    {
        var zone = resource.Properties["availabilityZone"];
        if (zone.IsUnknown) yield return Undecided(resource, "availabilityZone");
        if (zone.Text is not { } name) yield break;
        if (!at.DeclaredRegions("aws").Any(region => name.StartsWith(region, StringComparison.Ordinal)))
            yield return Broken(resource, $"availabilityZone is {name}, which lies in no declared region");
    }
}
