namespace ControlPlane.Regions.Stacks;

/// <summary>Decides what a cloud must hold for each pool of a cluster.</summary>
internal static class PoolPlanner
{
    private const int LongestShortName = 12;

    public static Seq<PoolPlan> Plan(PlanDraft draft, FleetCluster cluster)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var blocks = draft.SettingsOf(cluster)?.AddressBlock is { } block ? new AddressBlocks(block) : null;
        var ownBlocks = 0;
        var plans = new List<PoolPlan>();
        foreach (var pool in draft.Fleet.Pools.Where(pool => pool.Cluster.Index == cluster.Index))
        {
            var type = TypeOf(draft.Fleet, pool);
            var own = pool.Spec.Capacity is null ? -1 : ownBlocks++;
            const int most = AddressBlocks.MostOwnBlocks;
            if (own == most) draft.Report("too-many", cluster.Id.Value, $"has more than {most} pools with capacity");
            plans.Add(new PoolPlan
            {
                Pool = pool.Id,
                ShortName = ShortName(pool, taken),
                InstanceType = type?.Type,
                Nodes = pool.Spec.Nodes,
                AcceleratorsPerNode = pool.Spec.AcceleratorsPerNode,
                AcceleratorResource = pool.Sku is { } sku ? DevicePlugin.Of(sku.Vendor)?.Resource : null,
                Labels = Labels(pool),
                Capacity = pool.Spec.Capacity,
                OwnBlock = own is < 0 or >= AddressBlocks.MostOwnBlocks ? null : blocks?.Own(own),
                StandsClose = pool.Spec.NodesPerFabricDomain > 1,
                RdmaInterfaces = pool.Spec.NodesPerFabricDomain > 1 ? type?.RdmaInterfaces ?? 0 : 0,
            });
        }

        return plans.ToSeq();
    }

    /// <summary>The machine type of a pool: the one it names, or the only one of its shape.</summary>
    private static InstanceType? TypeOf(Fleet fleet, FleetPool pool) => fleet.Catalog.InstanceTypes
        .Where(type => type.Provider == pool.Cluster.Spec.Provider)
        .FirstOrDefault(type => pool.Spec.InstanceType is { } named ? type.Type == named : type.Fits(pool.Spec));

    private static Seq<PlanEntry> Labels(FleetPool pool)
    {
        var labels = new List<PlanEntry> { new(PlanTags.Pool, pool.Id.Value) };
        if (pool.Sku is { } sku) labels.Add(new(PlanTags.Sku, sku.Id.Value));
        return labels.ToSeq();
    }

    // The last part of a pool's id tells pools of a cluster apart; where it does not, a number does.
    private static string ShortName(FleetPool pool, HashSet<string> taken)
    {
        var prefix = SharedPrefix(pool.Id.Value, pool.Cluster.Id.Value);
        var tail = new string([.. pool.Id.Value[prefix..].Where(char.IsAsciiLetterOrDigit)]);
        if (tail.Length == 0 || !char.IsAsciiLetter(tail[0])) tail = "p" + tail;
        if (tail.Length > LongestShortName) tail = tail[..LongestShortName];
        var name = tail;
        for (var number = 2; !taken.Add(name); number++)
            name = tail[..Math.Min(tail.Length, LongestShortName - 2)] + number;
        return name;
    }

    private static int SharedPrefix(string left, string right)
    {
        var shared = 0;
        for (var index = 0; index < Math.Min(left.Length, right.Length) && left[index] == right[index]; index++)
        {
            if (left[index] == '-') shared = index + 1;
        }

        return shared;
    }
}
