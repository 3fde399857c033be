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

    /// <summary>
    /// The rule that a fault of a region file or of its stack's settings breaks: nothing is planned from either, so
    /// there is no resource that could be judged for it.
    /// </summary>
    public static string BrokenBy(Problem problem) => problem.Slug switch
    {
        "region-contradiction" or "provider-region-unknown" or "country-unknown" => new ProviderRegionRule().Name,
        "key-custody" => new HeldKeyRule().Name,
        "power-phases" or "quota-over-capacity" or "inventory-inconsistent" or "capacity-unknown" =>
            new CapacityRule().Name,
        _ => "region-file",
    };

    /// <summary>Everything that all rules say about a whole plan or state.</summary>
    public static Seq<PlanFinding> Judge(PlanCase at, Seq<PlannedResource> resources) => resources
        .SelectMany(resource => All.SelectMany(rule => rule.Judge(at, resource)))
        .Concat(All.SelectMany(rule => rule.JudgeStack(at, resources)))
        .ToSeq();
}
