using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Reviews;

/// <summary>
/// The world that the cases of one file are judged on: the made-up places, and of the declared regions those that the
/// cases name. A verdict rests on its own place and on the catalogue, so the other regions cannot change it.
/// </summary>
internal sealed class FixtureWorld
{
    private const int PerNode = 8;
    private const int DefaultAccelerators = 64;
    private const decimal AmpleMegawatts = 10_000;

    private static readonly Evidence MadeUp =
        new() { Confidence = Confidence.Low, Assumed = true, Note = "made up for a case" };

    private FixtureWorld(Fleet fleet) => Fleet = fleet;

    public Fleet Fleet { get; }

    /// <summary>Builds the fleet of a file whose names have been checked.</summary>
    public static FixtureWorld Of(PolicyCases cases, Fleet declared)
    {
        var names = cases.Cases.SelectMany(item => item.At.Concat(item.InUse.Select(use => use.At)))
            .Concat(cases.Cases.Select(item => item.Move?.From).OfType<string>())
            .Concat(cases.Cases.Select(item => item.Workload.HomeRegion?.Value).OfType<string>())
            .Concat(cases.Places.SelectMany(place => place.Links.Select(link => link.To.Value)))
            .ToHashSet(StringComparer.Ordinal);
        var kept = declared.Regions
            .Where(region => PoolsOf(declared, region.Id.Value).Any(pool => IsNamed(pool, names)))
            .Select(region => region.Spec).ToList();
        var there = kept.Select(spec => spec.Region).Concat(cases.Places.Select(place => place.Place)).ToHashSet();
        var shipped = kept
            .Select(spec => spec with { Links = spec.Links.Where(link => there.Contains(link.To)).ToSeq() });
        return new(new Fleet(declared.Catalog, shipped.Concat(cases.Places.Select(SpecOf))));
    }

    /// <summary>
    /// Pools that a name stands for: a pool, or all of a cluster, site or region; none when it is not known.
    /// </summary>
    public static IEnumerable<FleetPool> PoolsOf(Fleet fleet, string name) => fleet.Pools
        .Where(pool => Names(pool).Contains(name));

    /// <summary>Accelerators of a made-up place, in whole nodes.</summary>
    public static long AcceleratorsOf(PlaceFixture place) =>
        place.Sku is null ? 0 : (((place.Accelerators ?? DefaultAccelerators) + PerNode - 1) / PerNode) * PerNode;

    /// <summary>The pools that a case of the file is about.</summary>
    public IEnumerable<FleetPool> PoolsOf(string name) => PoolsOf(Fleet, name);

    /// <summary>The world with what a case says is in use.</summary>
    public World WorldOf(PolicyCase item, DateTimeOffset asOf)
    {
        var world = new World();
        var problems = world.Declare(Fleet, asOf);
        if (problems.Count > 0) throw new InvalidOperationException($"an empty world takes no fleet: {problems[0]}");
        var taken = new Dictionary<NodePoolId, int>();
        for (var index = 0; index < item.InUse.Count; index++)
        {
            var use = item.InUse[index];
            var pool = PoolsOf(use.At).First(pool => pool.Sku is not null);
            var first = taken.GetValueOrDefault(pool.Id);
            taken[pool.Id] = first + use.Accelerators;
            world.Add(PlacementOf(use, pool, (index, first), asOf));
        }

        return world;
    }

    private static bool IsNamed(FleetPool pool, HashSet<string> names) => Names(pool).Any(names.Contains);

    private static IEnumerable<string> Names(FleetPool pool) =>
        [pool.Id.Value, pool.Cluster.Id.Value, pool.Site.Id.Value, pool.Region.Id.Value];

    private static Placement PlacementOf(UseFixture use, FleetPool pool, (int Index, int First) at,
        DateTimeOffset asOf) => new()
    {
        Id = new DecisionId(new Guid(at.Index + 1, 0, 0, new byte[8])),
        Request = new WorkloadFixture { DataClass = new("in-use"), Tenant = use.Tenant, Units = use.Accelerators }
            .Request() with { Unit = new UnitNeed { Accelerators = 1, CpuMilli = 0, MemoryMib = 0 } },
        State = PlacementState.Bound,
        Epoch = 1,
        Units = Enumerable.Range(at.First, use.Accelerators).Select(device => UnitAt(pool, device)).ToSeq(),
        DecidedAt = asOf,
    };

    private static UnitBinding UnitAt(FleetPool pool, int device) => new(
        new NodeId(pool.Id, device / pool.Spec.AcceleratorsPerNode), 1UL << (device % pool.Spec.AcceleratorsPerNode),
            0);

    private static RegionSpec SpecOf(PlaceFixture place) => new()
    {
        Region = place.Place,
        Name = place.Place.Value,
        Jurisdiction = place.Country,
        Operator = place.Operator,
        Evidence = MadeUp,
        Claims = place.Claims,
        Sites = [SiteOf(place)],
        Links = place.Links.Select(link => new LinkSpec
        {
            To = link.To, GigabitsPerSecond = 100, RoundTripMilliseconds = link.RoundTripMilliseconds, UsdPerGib = 0,
                Evidence = MadeUp,
        }).ToSeq(),
    };

    private static SiteSpec SiteOf(PlaceFixture place) => new()
    {
        Site = new SiteId(place.Place.Value),
        Country = place.Country,
        City = "made up",
        Status = SiteStatus.Active,
        Evidence = MadeUp,
        Power = new PowerSpec
        {
            Pue = 1.2m,
            Phases =
                [new PowerPhase { From = default, Megawatts = place.Megawatts ?? AmpleMegawatts, Evidence = MadeUp }],
            UsdPerMegawattHour = 100,
            CarbonGramsPerKilowattHour = 100,
            Evidence = MadeUp,
        },
        Clusters =
        [
            new ClusterSpec
            {
                Cluster = new ClusterId(place.Place.Value), Scheduler = SchedulerKind.Simulated,
                Provider = ClusterSpec.OwnFloor, ProviderRegion = "floor", NodePools = [PoolOf(place)],
            },
        ],
    };

    private static NodePoolSpec PoolOf(PlaceFixture place)
    {
        var nodes = (int)Math.Max(1, AcceleratorsOf(place) / PerNode);
        return new NodePoolSpec
        {
            Pool = new NodePoolId(place.Place.Value),
            Sku = place.Sku,
            AcceleratorsPerNode = place.Sku is null ? 0 : PerNode,
            Nodes = nodes,
            CpuMilliPerNode = 128_000,
            MemoryMibPerNode = 1_048_576,
            Fabric = FabricKind.Infiniband,
            NodesPerFabricDomain = nodes,
            HostWatts = 1_000,
            UsdPerHour = 1,
            CountedOn = place.CountedOn,
            Confidential = place.Confidential,
            Evidence = MadeUp,
        };
    }
}
