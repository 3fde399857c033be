using ControlPlane.Inventory;
using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>The accelerators of one pool, with every free one either usable or stranded for one cause.</summary>
internal sealed class PoolFigures
{
    private readonly World world;
    private readonly FleetPool pool;
    private long powerMilliwatts;
    private long usable;
    private long byPower;

    private PoolFigures(World world, FleetPool pool, long powerMilliwatts)
    {
        this.world = world;
        this.pool = pool;
        this.powerMilliwatts = powerMilliwatts;
    }

    public FleetPool Pool => pool;

    public CapacityFigures Figures { get; private set; } = CapacityFigures.None;

    /// <summary>Figures of every pool with accelerators. Pools of one site share its power in fleet order.</summary>
    public static List<PoolFigures> AllOf(CapacityQuestion question, Seq<DemandClass> classes, DateTimeOffset asOf)
    {
        var (world, law) = (question.World, question.Law);
        var held = HeldMilli(world);
        var reserved = Reserve.FreeMilliByPool(world, law, asOf);
        var power = world.Fleet.Sites
            .Select(site => PowerFigures.Of(world, site, asOf).FreeMilliwatts).ToArray();
        var lawful = classes.Select(demand => (Class: demand, Pools: law.LawfulPools(demand.Subject, asOf))).ToList();
        var pools = new List<PoolFigures>();
        foreach (var pool in world.Fleet.Pools.Where(pool => pool.Sku is not null))
        {
            var counted = new PoolFigures(world, pool, power[pool.Site.Index]);
            var here = lawful.FindAll(item => item.Pools.Contains(pool.Index)).ConvertAll(item => item.Class);
            var lapsed = here.Count == 0
                && classes.Any(demand => LapsedClaims.Explain(law, pool, demand.Subject, asOf));
            // What is neither well nor heard of may have less free than is thought.
            var isStale = question.Stale.Contains(pool.Site.Id)
                || world.Sites.Find(pool.Site.Id) is { Health: not SiteHealth.Healthy };
            counted.Count((classes.Count > 0, lapsed, isStale), here);
            counted.Figures = counted.Figures with
            {
                HeldMilli = held[pool.Index],
                ReservedMilli = reserved[pool.Index],
                SoldMilli = counted.Figures.SoldMilli - held[pool.Index],
            };
            power[pool.Site.Index] = counted.powerMilliwatts;
            pools.Add(counted);
        }

        return pools;
    }

    private void Count((bool HasDemand, bool Lapsed, bool IsStale) asked, List<DemandClass> lawful)
    {
        var installed = (long)pool.Spec.Nodes * pool.Spec.AcceleratorsPerNode * NodeColumns.WholeMilli;
        Figures = new() { InstalledMilli = installed };
        if (!Placer.IsActive(pool.Site)) return;

        // What is on a node that is closed comes to nobody until the node is opened: it is installed and not ready.
        var closed = ReadyRoom.ClosedFreeMilli(world, pool);
        var free = world.Nodes.FreeAcceleratorMilli(pool.Index) - closed;
        var byAgent = asked.IsStale ? free : 0;
        var byLaw = !asked.IsStale && asked.HasDemand && lawful.Count == 0 ? free : 0;
        if (byLaw + byAgent == 0) CountUsable(asked.HasDemand ? Shapes(lawful) : [OneWhole]);
        var teraflops = pool.Sku!.Teraflops.Bf16 ?? 0;
        Figures = Figures with
        {
            AllocatableMilli = pool.AcceleratorMilli - closed,
            SoldMilli = pool.AcceleratorMilli - closed - free,
            FreeMilli = free,
            UsableMilli = usable,
            StrandedByLawMilli = asked.Lapsed ? 0 : byLaw,
            StrandedByClaimMilli = asked.Lapsed ? byLaw : 0,
            StrandedByPowerMilli = byPower,
            StrandedByAgentMilli = byAgent,
            StrandedByFragmentsMilli = free - byAgent - byLaw - usable - byPower,
            LargestHoleMilli = LargestHole() * (long)NodeColumns.WholeMilli,
            AllocatableTeraflopsBf16 = (pool.AcceleratorMilli - closed) * teraflops / NodeColumns.WholeMilli,
            FreeTeraflopsBf16 = free * teraflops / NodeColumns.WholeMilli,
        };
    }

    private static UnitNeed OneWhole { get; } = new() { Accelerators = 1, CpuMilli = 0, MemoryMib = 0 };

    private List<UnitNeed> Shapes(List<DemandClass> lawful) => lawful
        .Where(demand => demand.Unit.NeedsAccelerator && Capability.Suffices(pool, demand.Unit))
        .Select(demand => demand.Unit).Distinct().ToList();

    /// <summary>On each node the shape that makes the most of it, as long as the site has power.</summary>
    private void CountUsable(List<UnitNeed> shapes)
    {
        for (var node = 0; node < pool.Nodes; node++)
        {
            if (world.Tenancy.IsClosed(pool.Index, node)) continue;
            var (best, milliwatts) = (0L, 0L);
            foreach (var shape in shapes)
            {
                var units = world.Nodes.Room(pool.Index, node, shape, int.MaxValue);
                var milli = (long)units * shape.AcceleratorMilli;
                if (milli <= best) continue;
                (best, milliwatts) = (milli, units * pool.UnitMilliwatts(shape.AcceleratorMilli, shape.CpuMilli));
            }

            if (best == 0) continue;
            // Power goes by shares of a node, since a smaller unit may still come.
            var powered = milliwatts <= powerMilliwatts ? best : (long)((decimal)best * powerMilliwatts / milliwatts);
            powerMilliwatts -= Math.Min(milliwatts, powerMilliwatts);
            usable += powered;
            byPower += best - powered;
        }
    }

    private int LargestHole()
    {
        var largest = 0;
        for (var first = 0; first < pool.Nodes; first += pool.Spec.NodesPerFabricDomain)
        {
            var whole = 0;
            for (var node = first; node < Math.Min(first + pool.Spec.NodesPerFabricDomain, pool.Nodes); node++)
            {
                if (world.Tenancy.IsClosed(pool.Index, node)) continue;
                whole += world.Nodes.Devices(pool.Index, node).Count((short)NodeColumns.WholeMilli);
            }

            largest = Math.Max(largest, whole);
        }

        return largest;
    }

    private static long[] HeldMilli(World world)
    {
        var held = new long[world.Fleet.Pools.Count];
        foreach (var placement in world.Held)
        {
            foreach (var unit in placement.Units)
                held[world.Fleet.FindPool(unit.Node.Pool)!.Index] += placement.Request.Unit.AcceleratorMilli;
        }

        return held;
    }
}
