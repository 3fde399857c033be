using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Worlds;

/// <summary>How big a random fleet may be.</summary>
internal sealed record FleetSize(int Regions, int Sites, int Clusters, int Pools, int Nodes, int Accelerators, int Skus)
{
    /// <summary>Small enough that trying every assignment takes no time.</summary>
    public static FleetSize Small { get; } = new(2, 2, 1, 2, 3, 4, 2);

    public static FleetSize Middle { get; } = new(3, 2, 2, 2, 3, 8, 3);
}

/// <summary>A random declared fleet: the catalogue and the regions it is made of.</summary>
internal sealed partial class RandomFleet
{
    private static readonly Evidence Assumed = new() { Confidence = Confidence.Low, Assumed = true };

    private readonly Dice dice;
    private readonly FleetSize size;

    private RandomFleet(Dice dice, FleetSize size)
    {
        (this.dice, this.size) = (dice, size);
        Catalog = CatalogOf();
        Specs = [.. Enumerable.Range(0, dice.Int(1, size.Regions)).Select(Region)];
    }

    public Catalog Catalog { get; }

    public List<RegionSpec> Specs { get; }

    public Fleet Fleet => new(Catalog, Specs);

    private RandomFleet(RandomFleet other, Dice dice, IEnumerable<RegionSpec> specs)
    {
        (this.dice, size, Catalog) = (dice, other.size, other.Catalog);
        Specs = [.. specs];
    }

    public static RandomFleet Of(Dice dice, FleetSize size) => new(dice, size);

    /// <summary>The same catalogue with other regions.</summary>
    public RandomFleet With(Dice other, IEnumerable<RegionSpec> specs) => new(this, other, specs);

    private Catalog CatalogOf()
    {
        var entities = EntitiesOf();
        return new Catalog
        {
            Accelerators = Enumerable.Range(0, dice.Int(1, size.Skus)).Select(SkuOf).ToSeq(),
            Jurisdictions = Countries.Select(id => JurisdictionOf(id, dice.Some(Groups, 2)))
                .Concat(Groups.Select(
                    id => JurisdictionOf(id, id == new JurisdictionId("EU") && dice.Chance(50) ? [new("EEA")] : [])))
                .ToSeq(),
            LegalEntities = entities,
            ProviderRegions = Countries.SelectMany(country => ProviderRegionsOf(country, entities)).ToSeq(),
            Sources = [],
        };
    }

    private Sku SkuOf(int index) => new()
    {
        Id = new($"sku-{index}"), Vendor = "acme", Model = $"S{index}", Architecture = "a",
        MemoryGigabytes = dice.Pick(24m, 80m, 141m), MemoryGib = dice.Pick<decimal?>(null, 22.5m, 79.647m),
        BandwidthGigabytesPerSecond = dice.Pick<decimal?>(null, 900m, 3350m),
        Teraflops = new()
        {
            Bf16 = dice.Pick<decimal?>(null, 100m, 989.4m),
            Fp8 = dice.Pick<decimal?>(null, 1979m),
            Fp4 = null,
        },
        Watts = dice.Pick(70, 700, 1000), Link = "nvlink4", FormFactor = "sxm5", PerNode = 8, ScaleUpDomainMax = 8,
        Status = SkuStatus.Shipping, Programmability = "general", Evidence = Assumed,
    };

    private Jurisdiction JurisdictionOf(JurisdictionId id, Seq<JurisdictionId> memberOf) => new()
    {
        Id = id, Name = id.Value, Group = Groups.Contains(id), MemberOf = memberOf.Order().ToSeq(),
        AccessLaws = dice.Chance(50) ? dice.Some(AccessLaws, 2).Order().ToSeq() : [],
        AssuranceSchemes = Schemes,
        TransferBases = TransferBases(),
        Evidence = Assumed,
    };

    /// <summary>Chains of parents are as long as chance makes them, and never a circle.</summary>
    private Seq<LegalEntity> EntitiesOf() => Enumerable.Range(0, dice.Int(2, 6)).Select(index => new LegalEntity
    {
        Id = new($"entity-{index}"), Name = $"Entity {index}", Seat = dice.Pick(Countries), Evidence = Assumed,
        Parent = index > 0 && dice.Chance(60) ? new($"entity-{dice.Int(0, index - 1)}") : null,
    }).ToSeq();

    private IEnumerable<ProviderRegion> ProviderRegionsOf(JurisdictionId country, Seq<LegalEntity> entities) =>
        Enumerable.Range(0, 2).Select(index => new ProviderRegion
        {
            Provider = "cloudy", Code = $"{country.Value.ToLowerInvariant()}-{index}", Country = country,
            Operator = dice.Pick(entities).Id, Evidence = Assumed,
        });

    public RegionSpec Region(int index)
    {
        var country = dice.Pick(Countries);
        return new RegionSpec
        {
            Region = new($"r{index}"), Name = $"R{index}", Jurisdiction = country,
            Operator = dice.Pick(Catalog.LegalEntities).Id, Evidence = Assumed, Claims = Claims(),
            Sites = Enumerable.Range(0, dice.Int(1, size.Sites))
                .Select(site => Site($"r{index}s{site}", country))
                .ToSeq(),
            Links = Enumerable.Range(0, index).Where(_ => dice.Chance(50)).Select(other => new LinkSpec
            {
                To = new($"r{other}"),
                GigabitsPerSecond = 100,
                RoundTripMilliseconds = dice.Int(1, 400),
                UsdPerGib = 0.02m,
                Evidence = Assumed,
            }).ToSeq(),
        };
    }

    public Seq<Claim> Claims() => Enumerable.Range(0, dice.Int(0, 4)).Select(_ => Claim()).ToSeq();

    private Claim Claim()
    {
        var (from, to) = (NearDay(dice), dice.Chance(60) ? NearDay(dice) : (DateOnly?)null);
        var kind = dice.Pick(Enum.GetValues<ClaimKind>());
        return new Claim
        {
            Kind = kind,
            Scheme = kind == ClaimKind.Certification ? dice.Pick(Schemes) : null,
            Custody = kind == ClaimKind.KeyCustody ? dice.Pick(Enum.GetValues<KeyCustodyLevel>()) : null,
            Jurisdictions = kind == ClaimKind.Personnel ? dice.AtLeastOne([.. Countries, .. Groups], 2) : [],
            Objective = kind == ClaimKind.Seal ? dice.Pick(RandomRules.Objectives) : null,
            Level = kind == ClaimKind.Seal ? dice.Int(0, 4) : null,
            ValidFrom = to < from ? to.Value : from, ValidTo = to < from ? from : to,
            Evidence = dice.Chance(50) ? Assumed : Assumed with { Assumed = false },
        };
    }

    private Seq<TransferBasis> TransferBases() => Enumerable.Range(0, dice.Int(0, 3)).Select(_ =>
    {
        var (from, to) = (NearDay(dice), dice.Chance(60) ? NearDay(dice) : (DateOnly?)null);
        return new TransferBasis
        {
            To = dice.Pick<JurisdictionId>([.. Countries, .. Groups]),
                Basis = dice.Pick(Enum.GetValues<TransferBasisKind>()),
            ValidFrom = to < from ? to.Value : from, ValidTo = to < from ? from : to, Evidence = Assumed,
        };
    }).ToSeq();

    public SiteSpec Site(string id, JurisdictionId country)
    {
        var clusters = Enumerable.Range(0, dice.Int(1, size.Clusters))
            .Select(index => Cluster($"{id}c{index}", country))
            .ToSeq();
        return new SiteSpec
        {
            Site = new(id), Country = country, City = "Town",
            Status = dice.Chance(85) ? SiteStatus.Active : dice.Pick(SiteStatus.Building, SiteStatus.Announced),
            Evidence = Assumed, Power = Power(clusters), Clusters = clusters,
        };
    }

    /// <summary>Grows to all that the nodes can draw, from a share of it.</summary>
    private PowerSpec Power(Seq<ClusterSpec> clusters)
    {
        var pue = dice.Pick(1m, 1.2m, 1.3337m);
        var full = FullMegawatts(clusters, pue);
        var from = Day.AddDays(dice.Int(-6, 0));
        var evidence = Assumed;
        return new PowerSpec
        {
            Pue = pue,
            Phases =
            [
                new()
                {
                    From = from,
                    Megawatts = Math.Max(0.001m, full * dice.Pick(20, 40, 60, 100) / 100),
                    Evidence = evidence,
                },
                new() { From = from.AddDays(dice.Int(1, 4)), Megawatts = full, Evidence = evidence },
            ],
            UsdPerMegawattHour = 90, CarbonGramsPerKilowattHour = dice.Pick(0, 50, 400), Evidence = evidence,
        };
    }

    public decimal FullMegawatts(Seq<ClusterSpec> clusters, decimal pue)
    {
        var watts = clusters.SelectMany(cluster => cluster.NodePools).Sum(pool =>
            pool.Nodes * ((pool.AcceleratorsPerNode * (decimal)WattsOf(pool.Sku)) + pool.HostWatts));
        // A little more, because watts are counted with the PUE rounded up.
        return Math.Max(0.001m, (watts * (pue + 0.001m) / 1_000_000m) + 0.001m);
    }

    private int WattsOf(SkuId? sku) => Catalog.Accelerators.FirstOrDefault(item => item.Id == sku)?.Watts ?? 0;

    private ClusterSpec Cluster(string id, JurisdictionId country) => new()
    {
        Cluster = new(id), Scheduler = SchedulerKind.Simulated,
        Provider = dice.Chance(50) ? "cloudy" : ClusterSpec.OwnFloor,
        ProviderRegion = $"{country.Value.ToLowerInvariant()}-{dice.Int(0, 1)}",
        Operator = dice.Chance(30) ? dice.Pick(Catalog.LegalEntities).Id : null, Claims = Claims(),
        NodePools = Enumerable.Range(0, dice.Int(1, size.Pools)).Select(index => Pool($"{id}p{index}")).ToSeq(),
    };

    public NodePoolSpec Pool(string id)
    {
        var sku = dice.Chance(80) ? dice.Pick(Catalog.Accelerators).Id : (SkuId?)null;
        var nodes = dice.Int(1, size.Nodes);
        return new NodePoolSpec
        {
            Pool = new(id),
            Sku = sku,
            AcceleratorsPerNode = sku is null ? 0 : dice.Int(1, size.Accelerators),
            Nodes = nodes,
            AllocatableNodes = dice.Chance(20) ? dice.Int(0, nodes) : null,
            CpuMilliPerNode = dice.Pick(4_000, 16_000, 16_000), MemoryMibPerNode = dice.Pick(8_192, 32_768, 32_768),
            Fabric = dice.Pick(FabricKind.Ethernet, FabricKind.Ethernet, FabricKind.ScaleUp),
            NodesPerFabricDomain = dice.Int(1, nodes),
            Confidential = dice.Chance(30), HostWatts = dice.Pick(0, 500), UsdPerHour = dice.Pick(0m, 1m, 2.5m, 2.5m),
                CountedOn = dice.Chance(60) ? NearDay(dice) : null, Evidence = Assumed,
        };
    }
}
