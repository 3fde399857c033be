namespace ControlPlane.Policies.Stacks;

/// <summary>All rules that a region's stack must keep, ordered by name.</summary>
public static class PlanRules
{
    public static Seq<PlanRule> All { get; } =
    [
        new AllowedProviderRule(),
        new CapacityRule(),
        new HeldKeyRule(),
        new CopyAbroadRule(),
        new PrivateEndpointRule(),
        new ProviderRegionRule(),
        new TagRule(),
        new TenantIsolationRule(),
    ];

    /// <summary>Everything that all rules say about a whole plan or state.</summary>
    public static Seq<PlanFinding> Judge(PlanCase at, Seq<PlannedResource> resources) => resources
        .SelectMany(resource => All.SelectMany(rule => rule.Judge(at, resource)))
        .Concat(All.SelectMany(rule => rule.JudgeStack(at, resources)))
        .ToSeq();
}
