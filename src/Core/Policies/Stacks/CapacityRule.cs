using System.Globalization;
using ControlPlane.Regions;
using ControlPlane.Regions.Stacks;

namespace ControlPlane.Policies.Stacks;

/// <summary>
/// Keeps the machines of a stack within the pools that the region file declares, within the capacity that was bought
/// for them, and within the contracted power of their site.
/// </summary>
public sealed record CapacityRule : PlanRule
{
    private const string AwsGroup = "aws:eks/nodeGroup:NodeGroup";
    private const string AwsTemplate = "aws:ec2/launchTemplate:LaunchTemplate";
    private const string AwsReservation = "aws:ec2/capacityReservation:CapacityReservation";
    private const string AzureGroup = "azure:containerservice/kubernetesClusterNodePool:KubernetesClusterNodePool";
    private const string AzureCluster = "azure:containerservice/kubernetesCluster:KubernetesCluster";
    private const string AzureReservation = "azure:compute/capacityReservation:CapacityReservation";

    public override string Name => "capacity";

    public override string Demand =>
        "Machines stay within the declared pools, the capacity bought for them, and the contracted power of the site.";

    public override string Remedy => "Raise nodes or power in the region file first, with the source of the figure.";

    public override PlanSeverity Severity => PlanSeverity.High;

    public override bool IsOfStack => true;

    public override IEnumerable<PlanFinding> JudgeStack(PlanCase at, Seq<PlannedResource> resources)
    {
        var machines = resources.SelectMany(Machines).ToList();
        var findings = machines.SelectMany(item => Pool(at, item)).ToList();
        findings.AddRange(machines.SelectMany(item => Kept(at, item, resources)));
        findings.AddRange(Power(at, machines));
        return findings;
    }

    private IEnumerable<PlanFinding> Pool(PlanCase at, Group group)
    {
        if (group.Pool.IsUnknown || group.Nodes.IsUnknown)
        {
            yield return Undecided(group.Resource, group.Pool.IsUnknown ? "the pool's label" : "the number of nodes");
            yield break;
        }

        if (PoolOf(at, group) is not { } pool)
        {
            yield return Broken(group.Resource, group.Pool.Text is { } name
                ? $"label {PlanTags.Pool} is {name}, a pool that the region file does not declare"
                : $"label {PlanTags.Pool} is missing, so no pool of the region file stands for these machines");
            yield break;
        }

        if (group.Nodes.Number > pool.Spec.Nodes)
            yield return Broken(
                group.Resource, $"it may grow to {Show(group.Nodes)} nodes; pool {pool} declares {pool.Spec.Nodes}");
        if (group.Type.Text is { } type && TypeOf(at, type) is { } known && known.Sku != pool.Spec.Sku)
        {
            var (actual, declared) = (Show(known.Sku), Show(pool.Spec.Sku));
            yield return Broken(group.Resource, $"machine type {type} has {actual}; pool {pool} declares {declared}");
        }

        if (group.Type.Text is { } odd && TypeOf(at, odd) is null)
            yield return Broken(
                group.Resource, $"machine type {odd} is not in the catalogue, so its accelerators are not known");
    }

    private IEnumerable<PlanFinding> Kept(PlanCase at, Group group, Seq<PlannedResource> resources)
    {
        if (PoolOf(at, group) is not { Spec.Capacity: { Kind: CapacityKind.Reservation } } pool) yield break;
        var kept = resources
            .Where(item => item.Type is AwsReservation or AzureReservation)
            .Where(item => item.Properties["tags"][PlanTags.Pool].Text == pool.Id.Value)
            .Select(item => item.Properties.At(item.Type == AwsReservation ? "instanceCount" : "sku.capacity"))
            .ToList();
        if (kept.Any(count => count.IsUnknown))
        {
            yield return Undecided(group.Resource, $"the reserved capacity of pool {pool}");
            yield break;
        }

        var reserved = kept.Sum(count => count.Number ?? 0);
        if (group.Nodes.Number > reserved)
            yield return Broken(
                group.Resource, $"it may grow to {Show(group.Nodes)} nodes; reserved for pool {pool} are {reserved}");
    }

    private IEnumerable<PlanFinding> Power(PlanCase at, List<Group> groups)
    {
        foreach (var site in at.Pools.Select(pool => pool.Site).DistinctBy(site => site.Index))
        {
            var milliwatts = 0L;
            foreach (var group in groups)
            {
                if (PoolOf(at, group) is not { } pool || pool.Site.Index != site.Index) continue;
                var nodes = group.Nodes.Number ?? 0;
                var perNode = pool.UnitMilliwatts(pool.Spec.AcceleratorsPerNode * 1000L, pool.Spec.CpuMilliPerNode);
                milliwatts += (long)nodes * perNode;
            }

            var contract = site.FacilityMilliwattsAt(at.AsOf);
            if (milliwatts <= contract) continue;
            var (draw, limit) = (Megawatts(milliwatts), Megawatts(contract));
            var because = $"the machines at site {site} draw {draw} MW at full load; contracted are {limit} MW";
            yield return new PlanFinding(Name, PlanOutcome.Broken, "", because);
        }
    }

    private static FleetPool? PoolOf(PlanCase at, Group group) =>
        at.Pools.FirstOrDefault(pool => pool.Id.Value == group.Pool.Text);

    private static InstanceType? TypeOf(PlanCase at, string type) =>
        at.Fleet.Catalog.InstanceTypes.FirstOrDefault(item => item.Type == type);

    private static string Show(PlanValue number) => (number.Number ?? 0).ToString(CultureInfo.InvariantCulture);

    private static string Show(SkuId? sku) => sku?.Value ?? "no accelerators";

    private static string Megawatts(long milliwatts) =>
        (milliwatts / 1e9m).ToString("0.###", CultureInfo.InvariantCulture);

    private static IEnumerable<Group> Machines(PlannedResource resource)
    {
        var properties = resource.Properties;
        switch (resource.Type)
        {
            case AwsGroup:
                var types = properties["instanceTypes"].Items;
                yield return new Group(
                    resource, properties["labels"][PlanTags.Pool], properties.At("scalingConfig.maxSize"))
                {
                    Type = types.Count == 1 ? types[0] : PlanNothing.Instance,
                };
                break;
            case AwsTemplate:
                // A template makes no machines, but a wrong type in it would make the wrong ones.
                yield return new Group(resource, properties["tags"][PlanTags.Pool], new PlanNumber(0))
                {
                    Type = properties["instanceType"],
                };
                break;
            case AzureGroup:
                yield return AzurePool(resource, properties);
                break;
            case AzureCluster:
                yield return AzurePool(resource, properties["defaultNodePool"]);
                break;
        }
    }

    private static Group AzurePool(PlannedResource resource, PlanValue pool) =>
        new(resource, pool["nodeLabels"][PlanTags.Pool], Count(pool)) { Type = pool["vmSize"] };

    private static PlanValue Count(PlanValue pool) => pool["maxCount"].IsMissing ? pool["nodeCount"] : pool["maxCount"];

    private sealed record Group(PlannedResource Resource, PlanValue Pool, PlanValue Nodes)
    {
        public required PlanValue Type { get; init; }
    }
}
