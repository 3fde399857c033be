using ControlPlane.Regions.Stacks;

namespace ControlPlane.Policies.Stacks;

/// <summary>Demands that every tenant's namespace has a quota and a network policy that denies by default.</summary>
public sealed record TenantIsolationRule : PlanRule
{
    private const string Namespace = "kubernetes:core/v1:Namespace";
    private const string Quota = "kubernetes:core/v1:ResourceQuota";
    private const string Network = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

    public override string Name => "tenant-isolation";

    public override string Demand => "Every tenant's namespace has a quota and denies traffic that nothing allows.";

    public override string Remedy => "Declare the quota and the default-deny network policy beside the namespace.";

    public override PlanSeverity Severity => PlanSeverity.High;

    public override bool IsOfStack => true;

    public override IEnumerable<PlanFinding> JudgeStack(PlanCase at, Seq<PlannedResource> resources)
    {
        foreach (var tenant in resources.Where(item => item.Type == Namespace && TenantOf(item) is not null))
        {
            var name = tenant.Properties.At("metadata.name").Text ?? TenantOf(tenant)!;
            var beside = resources.Where(item => IsIn(item, tenant, name)).ToList();
            if (!beside.Any(item => item.Type == Quota)) yield return Broken(tenant, $"namespace {name} has no quota");
            if (!beside.Any(item => item.Type == Network && DeniesByDefault(item)))
                yield return Broken(tenant, $"namespace {name} has no network policy that denies by default");
        }
    }

    private static string? TenantOf(PlannedResource item) =>
        item.Properties.At("metadata.labels")[PlanTags.Tenant].Text;

    // Two clusters of a region have namespaces of the same name; their providers tell them apart.
    private static bool IsIn(PlannedResource item, PlannedResource tenant, string name) =>
        item.Provider?.Name == tenant.Provider?.Name && item.Properties.At("metadata.namespace").Text == name;

    private static bool DeniesByDefault(PlannedResource policy)
    {
        var spec = policy.Properties["spec"];
        var selector = spec["podSelector"].Bare;
        var selectsAll = selector is PlanNothing or PlanMap { Fields.Count: 0 };
        var kinds = spec["policyTypes"].Items.Select(item => item.Text).ToList();
        return selectsAll && kinds.Contains("Ingress") && kinds.Contains("Egress")
            && spec["ingress"].Items.Count == 0 && spec["egress"].Items.Count == 0;
    }
}
