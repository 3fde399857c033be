using System.Globalization;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Bench.Pools;

/// <summary>
/// A made-up world of any size: sites of eight pools each, one pool for each of eight models, in up to a hundred
/// regions of 32 jurisdictions, under 512 laws that differ in data class, residency and excluded access law.
/// </summary>
internal sealed class BenchWorld
{
    public const int Models = 8;
    public const int Laws = 512;
    private const int Jurisdictions = 32;
    private const int MostRegions = 100;

    private static readonly DateOnly Start = new(2026, 1, 1);
    private static readonly Evidence Assumed = new() { Confidence = Confidence.Low, Assumed = true };

    private readonly Random random;
    private readonly int laws;
    private readonly int nodesPerPool;

    public BenchWorld(int pools, int seed, int laws = Laws, int nodesPerPool = 4)
    {
        (this.laws, this.nodesPerPool) = (laws, nodesPerPool);
        random = new Random(seed);
        var sites = Math.Max(1, pools / Models);
        var regions = Math.Min(MostRegions, sites);
        var specs = Enumerable.Range(0, regions)
            .Select(region => Region(region, Enumerable.Range(0, sites).Where(site => site % regions == region)))
            .ToList();
        World = new World();
        World.Declare(new Fleet(Catalog(), specs), AsOf);
        Law = new Law(World.Fleet, new PolicySet
        {
            Policies = [.. Enumerable.Range(0, 8).Select(PolicyOf)],
            Preferences = Preferences.Default,
            Digest = "bench",
        });
    }

    public static DateTimeOffset AsOf { get; } = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    public World World { get; }

    public Law Law { get; private set; }

    /// <summary>From now on the preferences expect some work.</summary>
    public void Expect(Seq<ExpectedWork> work) => Law = new Law(World.Fleet, Law.Policies with
    {
        Preferences = Law.Policies.Preferences with { ExpectedWork = work },
    });

    /// <summary>Lets a quota and a reserve, which leave enough, limit how much is used from now on.</summary>
    public void Limit() => Law = new Law(World.Fleet, Law.Policies with
    {
        Policies =
        [
            .. Law.Policies.Policies,
            PolicyOf("limits", new() { Everything = true }, [
                new QuotaRule { Rule = "quota", Over = QuotaScope.All, Accelerators = 1_000_000 },
                new CapacityReserveRule { Rule = "reserve", Over = CapScope.Region, Percent = 1 },
            ]),
        ],
        Digest = "limited",
    });

    /// <summary>Random requests of one unit: each law has its model, size and home; some come far more often.</summary>
    public List<PlacementRequest> Requests(int count) => [.. Enumerable.Range(0, count).Select(_ => Request())];

    private PlacementRequest Request()
    {
        // Squared, so that a few laws are asked for most of the time.
        var law = (int)(laws * random.NextDouble() * random.NextDouble());
        var homes = World.Fleet.Regions;
        return new PlacementRequest
        {
            Tenant = new("bench"),
            Workload = "w",
            Kind = WorkloadKind.Batch,
            DataClass = new($"class-{law % 8}"),
            Residency = (law / 8 % 32) is var group && group < 16
                ? [new($"G{group / 2}")]
                : [new("G8"), new($"G{group % 8}")],
            ExcludeAccessLaws = law / 256 == 0 ? [] : [new("LAW_0")],
            Units = 1,
            Unit = new UnitNeed
            {
                Accelerators = 1 << (law % 4),
                Skus = [new(ModelOf(law % Models))],
                CpuMilli = 4_000,
                MemoryMib = 16_384,
            },
            HomeRegion = homes[law % homes.Count].Id,
        };
    }

    private static string ModelOf(int model) => $"m{model}";

    private static Catalog Catalog() => new()
    {
        Accelerators = [.. Enumerable.Range(0, Models).Select(model => new Sku
        {
            Id = new(ModelOf(model)), Vendor = "v", Model = "m", Architecture = "a", MemoryGigabytes = 80, Watts = 700,
            Link = "l", FormFactor = "f", PerNode = 8, ScaleUpDomainMax = 8, Status = SkuStatus.Shipping,
            Programmability = "general", Evidence = Assumed,
        })],
        Jurisdictions =
        [
            // Nine overlapping groups: eight of four countries each, and one of all.
            .. Enumerable.Range(0, 9).Select(group => new Jurisdiction
                { Id = new($"G{group}"), Name = "g", Group = true, Evidence = Assumed }),
            .. Enumerable.Range(0, Jurisdictions).Select(country => new Jurisdiction
            {
                Id = new(Country(country)), Name = "c", MemberOf = [new($"G{country / 4}"), new("G8")],
                AccessLaws = country % 4 == 0 ? [new("LAW_0")] : [], Evidence = Assumed,
            }),
        ],
        LegalEntities = [.. Enumerable.Range(0, Jurisdictions).Select(country => new LegalEntity
            { Id = new($"e{country}"), Name = "e", Seat = new(Country(country)), Evidence = Assumed })],
        ProviderRegions = [],
        Sources = [],
    };

    private static Policy PolicyOf(int dataClass) => PolicyOf(
        $"policy-{dataClass}", new() { DataClasses = [new($"class-{dataClass}")] },
        [new CertificationRule { Rule = "schemes", AnyOf = [$"SCHEME_{dataClass}", "SCHEME_8"] }]);

    private static Policy PolicyOf(string id, PolicyMatch match, Seq<PolicyRule> rules) => new()
    {
        Id = new(id), Because = "b", Source = new() { Law = "l" }, Owner = "o", ValidFrom = Start,
        Enforcement = Enforcement.Mandatory, Match = match, Rules = rules,
    };

    private RegionSpec Region(int region, IEnumerable<int> sites)
    {
        var country = new JurisdictionId(Country(region % Jurisdictions));
        return new RegionSpec
        {
            Region = new($"r{Number(region)}"), Name = "r", Jurisdiction = country,
            Operator = new($"e{region % Jurisdictions}"),
            Evidence = Assumed,
            Claims = [.. Enumerable.Range(0, 9).Where(_ => random.Next(2) == 0).Select(scheme => new Claim
            {
                Kind = ClaimKind.Certification, Scheme = $"SCHEME_{scheme}", ValidFrom = Start, Evidence = Assumed,
            })],
            Sites = [.. sites.Select(site => Site(site, country))],
        };
    }

    private SiteSpec Site(int site, JurisdictionId country) => new()
    {
        Site = new($"s{Number(site)}"), Country = country, City = "c", Status = SiteStatus.Active, Evidence = Assumed,
        Power = new()
        {
            Pue = 1.2m, Phases = [new() { From = Start, Megawatts = 10, Evidence = Assumed }], UsdPerMegawattHour = 90,
            CarbonGramsPerKilowattHour = 20 * random.Next(40), Evidence = Assumed,
        },
        Clusters =
        [
            new()
            {
                Cluster = new($"c{Number(site)}"), Scheduler = SchedulerKind.Simulated, Provider = "onprem",
                ProviderRegion = "floor",
                NodePools = [.. Enumerable.Range(0, Models).Select(model => new NodePoolSpec
                {
                    Pool = new($"p{Number(site)}-{model}"), Sku = new(ModelOf(model)), AcceleratorsPerNode = 8,
                    Nodes = nodesPerPool, CpuMilliPerNode = 96_000, MemoryMibPerNode = 786_432,
                    Fabric = FabricKind.Infiniband, NodesPerFabricDomain = nodesPerPool, HostWatts = 2000,
                    UsdPerHour = 1 + (random.Next(80) / 10m), Evidence = Assumed,
                })],
            },
        ],
    };

    private static string Country(int country) => $"C{country / 10}{country % 10}";

    private static string Number(int number) => number.ToString("d6", CultureInfo.InvariantCulture);
}
