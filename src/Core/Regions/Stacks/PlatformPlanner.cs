using System.Globalization;

namespace ControlPlane.Regions.Stacks;

/// <summary>Decides what runs on a cluster before any tenant's work, and what tenants may hold on it.</summary>
internal static class PlatformPlanner
{
    private const string NamespacePrefix = "tenant-";

    public static PlatformPlan Plan(PlanDraft draft, FleetCluster cluster, Seq<PoolPlan> pools)
    {
        var vendors = draft.Fleet.Pools
            .Where(pool => pool.Cluster.Index == cluster.Index && pool.Sku is not null)
            .Select(pool => pool.Sku!.Vendor)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        var plugins = new List<DevicePlugin>();
        foreach (var vendor in vendors)
        {
            if (DevicePlugin.Of(vendor) is { } plugin) plugins.Add(plugin.From(draft.Settings.ChartMirror));
            else draft.Leave($"{cluster.Id}/{vendor}", $"no device plugin of {vendor} is listed; install the vendor's");
        }

        return new PlatformPlan
        {
            Bands = PriorityBand.All,
            Tenants = Tenants(draft, cluster, pools),
            DevicePlugins = plugins.ToSeq(),
            Agent = new AgentPlan
            {
                Image = draft.Settings.AgentImage,
                ControlPlaneUrl = draft.Settings.ControlPlaneUrl,
            },
        };
    }

    private static Seq<TenantPlan> Tenants(PlanDraft draft, FleetCluster cluster, Seq<PoolPlan> pools)
    {
        var installed = pools.Sum(pool => (long)pool.Nodes * pool.AcceleratorsPerNode);
        var resources = pools.Select(pool => pool.AcceleratorResource)
            .OfType<string>()
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        var plans = new List<TenantPlan>();
        for (var index = 0; index < draft.Settings.Tenants.Count; index++)
        {
            var tenant = draft.Settings.Tenants[index];
            if (tenant.Accelerators > installed)
            {
                draft.Report(
                    "quota-over-capacity",
                    $"tenants[{index}].accelerators",
                    $"is {tenant.Accelerators}, but cluster {cluster.Id} has {installed}");
            }

            plans.Add(new TenantPlan
            {
                Tenant = tenant.Tenant,
                Namespace = NamespacePrefix + tenant.Tenant.Value,
                Quota = Quota(tenant, resources),
            });
        }

        return plans.OrderBy(plan => plan.Tenant).ToSeq();
    }

    private static Seq<PlanEntry> Quota(TenantSettings tenant, IEnumerable<string> resources)
    {
        var quota = new List<PlanEntry>
        {
            new("pods", Show(tenant.Pods)),
            new("requests.cpu", $"{Show(tenant.CpuMilli)}m"),
            new("requests.memory", $"{Show(tenant.MemoryMib)}Mi"),
            // Addresses reachable from outside and disks that outlive the work are asked for, not taken.
            new("services.loadbalancers", "0"),
            new("services.nodeports", "0"),
        };
        quota.AddRange(resources.Select(resource => new PlanEntry($"requests.{resource}", Show(tenant.Accelerators))));
        return quota.OrderBy(entry => entry.Name, StringComparer.Ordinal).ToSeq();
    }

    private static string Show(long number) => number.ToString(CultureInfo.InvariantCulture);
}
