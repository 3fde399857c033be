using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Policies;

/// <summary>
/// The fleet that golden cases are judged on: a German region of two sites with every claim, and one American site with
/// none.
/// </summary>
internal static class KindFleet
{
    public static readonly DateTimeOffset Now = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateOnly Today = new(2026, 6, 15);

    private static readonly Evidence Sourced = new() { Confidence = Confidence.High, Sources = ["test"] };

    public static Fleet Fleet { get; } = new(Catalog(), [German(), American()]);

    /// <summary>A service of one tenant that asks for one accelerator and names no place.</summary>
    public static PlacementRequest Request { get; } = new()
    {
        Tenant = new("t1"), Workload = "w", Kind = WorkloadKind.Service, DataClass = new("health"), Units = 1,
        Unit = new UnitNeed { Accelerators = 4, CpuMilli = 1000, MemoryMib = 1024 },
    };

    public static PlacementRequest In(this PlacementRequest request, string region) =>
        request with { AllowRegions = [new(region)] };

    public static World World()
    {
        var world = new World();
        Assert.Equal([], world.Declare(Fleet, Now));
        return world;
    }

    /// <summary>The request placed by nobody's law.</summary>
    public static Placement Running(World world, PlacementRequest request, int number = 1)
    {
        var decision = Placer.Decide(world, new Law(Fleet, PolicySet.None), request, Now);
        var placed = Assert.IsType<Placed>(decision);
        return new Placement
        {
            Id = new(new Guid(number, 0, 0, new byte[8])), Request = request, State = PlacementState.Bound, Epoch = 1,
            Units = placed.Units, DecidedAt = Now.AddDays(-30), Isolation = placed.Isolation,
        };
    }

    private static Catalog Catalog() => new()
    {
        Accelerators =
        [
            new Sku
            {
                Id = new("h100"), Vendor = "acme", Model = "H100", Architecture = "a", MemoryGigabytes = 80,
                Teraflops = new() { Bf16 = 989.4m, Fp8 = 1979m }, Watts = 700, Link = "nvlink4", FormFactor = "sxm5",
                PerNode = 8, ScaleUpDomainMax = 8, Status = SkuStatus.Shipping, Programmability = "general",
                Evidence = Sourced,
            },
        ],
        Jurisdictions =
        [
            Country("DE") with { MemberOf = [new("EU")] },
            Country("EU") with
            {
                Group = true,
                TransferBases =
                [
                    new()
                    {
                        To = new("US"), Basis = TransferBasisKind.ContractClauses, ValidTo = new(2026, 12, 31),
                        Evidence = Sourced,
                    },
                ],
            },
            Country("US") with { AccessLaws = [new("US_CLOUD_ACT")] },
        ],
        LegalEntities = [Entity("german", "DE"), Entity("american", "US")],
        ProviderRegions = [],
        Sources = [],
    };

    private static Jurisdiction Country(string id) =>
        new() { Id = new(id), Name = id, AssuranceSchemes = ["BSI_C5"], Evidence = Sourced };

    private static LegalEntity Entity(string id, string seat) =>
        new() { Id = new(id), Name = id, Seat = new(seat), Evidence = Sourced };

    private static RegionSpec German() => new()
    {
        Region = new("de-one"), Name = "One", Jurisdiction = new("DE"), Operator = new("german"), Evidence = Sourced,
        Claims =
        [
            Claim(ClaimKind.Certification) with { Scheme = "BSI_C5", ValidTo = new(2026, 9, 30) },
            Claim(ClaimKind.KeyCustody) with { Custody = KeyCustodyLevel.CustomerHardware },
            Claim(ClaimKind.Personnel) with { Jurisdictions = [new("DE")] },
            Claim(ClaimKind.Seal) with { Objective = "SOV-1", Level = 3 },
        ],
        Sites = [Site("de-a", "DE", confidential: true), Site("de-b", "DE", confidential: true)],
        Links =
        [
            new() { To = new("us-one"), GigabitsPerSecond = 100, RoundTripMilliseconds = 90, UsdPerGib = 0,
                Evidence = Sourced },
        ],
    };

    private static RegionSpec American() => new()
    {
        Region = new("us-one"), Name = "One", Jurisdiction = new("US"), Operator = new("american"), Evidence = Sourced,
        Sites = [Site("us-a", "US", confidential: false)], Links = [], Claims = [],
    };

    private static Claim Claim(ClaimKind kind) =>
        new() { Kind = kind, ValidFrom = new(2026, 1, 1), Evidence = Sourced };

    private static SiteSpec Site(string id, string country, bool confidential) => new()
    {
        Site = new(id), Country = new(country), City = "Town", Status = SiteStatus.Active, Evidence = Sourced,
        Power = new PowerSpec
        {
            Pue = 1, Phases = [new() { From = new(2026, 1, 1), Megawatts = 0.1m, Evidence = Sourced }],
            UsdPerMegawattHour = 90, CarbonGramsPerKilowattHour = 10, Evidence = Sourced,
        },
        Clusters =
        [
            new ClusterSpec
            {
                Cluster = new($"{id}-c"), Scheduler = SchedulerKind.Simulated, Provider = ClusterSpec.OwnFloor,
                    ProviderRegion = "hall", Claims = [],
                NodePools =
                [
                    new NodePoolSpec
                    {
                        Pool = new($"{id}-p"), Sku = new("h100"), AcceleratorsPerNode = 4, Nodes = 2,
                        CpuMilliPerNode = 64_000, MemoryMibPerNode = 262_144, Fabric = FabricKind.Ethernet,
                        NodesPerFabricDomain = 2, HostWatts = 0, UsdPerHour = 1, Confidential = confidential,
                        CountedOn = confidential ? new(2026, 6, 1) : null, Evidence = Sourced,
                    },
                ],
            },
        ],
    };
}
