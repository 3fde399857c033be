using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Capacity;

/// <summary>
/// Something that may happen to a fleet: what would be lost, and which facts would be others. A scenario changes
/// nothing by itself; it says what the fleet would be.
/// </summary>
public abstract record Scenario
{
    private const int UsualDelayDays = 180;

    /// <summary>Kind and subject in one line, such as <c>region-lost de-nord</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What the scenario names and the fleet does not have; nothing when it can be assessed.</summary>
    public abstract IEnumerable<Problem> Check(Fleet fleet);

    /// <summary>The fleet as it would be. Pools keep their places in it, the lost ones too.</summary>
    internal virtual Fleet Change(Fleet fleet) => fleet;

    /// <summary>Whether nothing can run on a pool any more.</summary>
    internal virtual bool Loses(FleetPool pool) => false;

    /// <summary>The scenarios that every fleet should be asked: each region lost, and each provider gone.</summary>
    public static Seq<Scenario> Usual(Fleet fleet) =>
    [
        .. fleet.Own.Select(region => new RegionsLost([region.Id])),
        .. fleet.Clusters.Select(cluster => cluster.Spec.Provider).Where(provider => provider != ClusterSpec.OwnFloor)
            .Distinct().Order(StringComparer.Ordinal).Select(provider => new ProviderLeaves(provider)),
    ];

    /// <summary>Every two regions lost at once.</summary>
    public static IEnumerable<Scenario> Pairs(Fleet fleet) =>
        from one in fleet.Own
        from other in fleet.Own
        where one.Index < other.Index
        select new RegionsLost([one.Id, other.Id]);

    /// <summary>
    /// Everybody who controls a cluster, sold to each country that has a law by which operators are made to hand over
    /// data, and in which they do not sit already.
    /// </summary>
    public static IEnumerable<Scenario> Sales(Fleet fleet) =>
        from entity in fleet.Clusters.SelectMany(cluster => cluster.Controllers).Distinct().OrderBy(item => item.Id)
        from country in fleet.Catalog.Jurisdictions.Where(item => !item.Group && item.AccessLaws.Count > 0)
        where entity.Seat != country.Id
        select new OperatorSold(entity.Id, country.Id);

    /// <summary>Every legal basis of a transfer, ended.</summary>
    public static IEnumerable<Scenario> Transfers(Fleet fleet) =>
        from jurisdiction in fleet.Catalog.Jurisdictions
        from to in jurisdiction.TransferBases.Select(basis => basis.To).Distinct()
        select new TransferBasisEnds(jurisdiction.Id, to);

    /// <summary>Every site whose power is still to grow, half a year late.</summary>
    public static IEnumerable<Scenario> Delays(Fleet fleet, DateTimeOffset asOf)
    {
        var day = DateOnly.FromDateTime(asOf.UtcDateTime);
        return fleet.Own.SelectMany(region => region.Spec.Sites)
            .Where(site => site.Power.Phases.Any(phase => phase.From > day))
            .Select(site => new PowerSlips(site.Site, UsualDelayDays, day));
    }

    private protected static Fleet WithSpecs(Fleet fleet, Func<RegionSpec, RegionSpec> change) =>
        new(fleet.Catalog, fleet.Regions.Select(region => change(region.Spec)));

    private protected static Fleet WithCatalog(Fleet fleet, Catalog catalog) =>
        new(catalog, fleet.Regions.Select(region => region.Spec));
}

/// <summary>Regions are lost with all their sites.</summary>
public sealed record RegionsLost(Seq<RegionId> Regions) : Scenario
{
    public override string Name => $"region-lost {string.Join('+', Regions)}";

    public override IEnumerable<Problem> Check(Fleet fleet) => Regions
        .Where(region => fleet.FindRegion(region) is null)
        .Select(region => new Problem(
            "region-unknown", "region",
            $"there is no region '{region}'"
                + NearestName.Hint(region.Value, fleet.Regions.Select(item => item.Id.Value))));

    internal override bool Loses(FleetPool pool) => Regions.Contains(pool.Region.Id);
}

/// <summary>One building is lost.</summary>
public sealed record SiteLost(SiteId Site) : Scenario
{
    public override string Name => $"site-lost {Site}";

    public override IEnumerable<Problem> Check(Fleet fleet)
    {
        if (fleet.FindSite(Site) is null) yield return new("site-unknown", "site",
            $"there is no site '{Site}'{NearestName.Hint(Site.Value, fleet.Sites.Select(item => item.Id.Value))}");
    }

    internal override bool Loses(FleetPool pool) => pool.Site.Id == Site;
}

/// <summary>A provider leaves, and every cluster of it with it.</summary>
public sealed record ProviderLeaves(string Provider) : Scenario
{
    public override string Name => $"provider-leaves {Provider}";

    public override IEnumerable<Problem> Check(Fleet fleet)
    {
        if (fleet.Clusters.All(cluster => cluster.Spec.Provider != Provider))
        {
            var known = fleet.Clusters.Select(cluster => cluster.Spec.Provider).Distinct()
                .Order(StringComparer.Ordinal).ToList();
            yield return new("provider-unknown", "provider",
                $"no cluster is of provider '{Provider}'{NearestName.Hint(Provider, known)}; known are "
                    + string.Join(", ", known));
        }
    }

    internal override bool Loses(FleetPool pool) => pool.Cluster.Spec.Provider == Provider;
}

/// <summary>An operator is sold: its new seat, and so the laws that reach it, are in another jurisdiction.</summary>
public sealed record OperatorSold(LegalEntityId Operator, JurisdictionId NewSeat) : Scenario
{
    public override string Name => $"operator-sold {Operator} to {NewSeat}";

    public override IEnumerable<Problem> Check(Fleet fleet)
    {
        if (fleet.FindEntity(Operator) is null)
            yield return new("entity-unknown", "operator", $"there is no legal entity '{Operator}'"
                + NearestName.Hint(Operator.Value, fleet.Catalog.LegalEntities.Select(entity => entity.Id.Value)));
        if (fleet.FindJurisdiction(NewSeat) is null)
            yield return new("country-unknown", "newSeat", $"there is no jurisdiction '{NewSeat}'"
                + NearestName.Hint(NewSeat.Value, fleet.Catalog.Jurisdictions.Select(item => item.Id.Value)));
    }

    internal override Fleet Change(Fleet fleet) => WithCatalog(fleet, fleet.Catalog with
    {
        LegalEntities = fleet.Catalog.LegalEntities
            .Select(entity => entity.Id == Operator ? entity with { Seat = NewSeat, Parent = null } : entity).ToSeq(),
    });
}

/// <summary>The legal bases on which data may go from one jurisdiction to another end.</summary>
public sealed record TransferBasisEnds(JurisdictionId From, JurisdictionId To) : Scenario
{
    public override string Name => $"transfer-basis-ends {From} to {To}";

    public override IEnumerable<Problem> Check(Fleet fleet)
    {
        if (fleet.FindJurisdiction(From) is not { } from)
            yield return new("country-unknown", "from", $"there is no jurisdiction '{From}'");
        else if (from.TransferBases.All(basis => basis.To != To))
            yield return new("value-unknown", "to", $"'{From}' has no transfer basis to '{To}'");
    }

    internal override Fleet Change(Fleet fleet) => WithCatalog(fleet, fleet.Catalog with
    {
        Jurisdictions = fleet.Catalog.Jurisdictions.Select(item => item.Id == From
            ? item with { TransferBases = item.TransferBases.Where(basis => basis.To != To).ToSeq() }
            : item).ToSeq(),
    });
}

/// <summary>The growth of a site's power comes later than the contract says; what is there already stays.</summary>
/// <param name="AsOf">Phases after this day slip.</param>
public sealed record PowerSlips(SiteId Site, int Days, DateOnly AsOf) : Scenario
{
    public override string Name => $"power-slips {Site} by {Days} days";

    public override IEnumerable<Problem> Check(Fleet fleet)
    {
        if (fleet.FindSite(Site) is null) yield return new("site-unknown", "site",
            $"there is no site '{Site}'{NearestName.Hint(Site.Value, fleet.Sites.Select(item => item.Id.Value))}");
        if (Days is < 1 or > 3_650) yield return new("out-of-range", "days", $"{Days} is not within 1 to 3650 days");
    }

    internal override Fleet Change(Fleet fleet) => WithSpecs(fleet, region => region with
    {
        Sites = region.Sites.Select(site => site.Site == Site ? site with { Power = Later(site.Power) } : site).ToSeq(),
    });

    private PowerSpec Later(PowerSpec power) => power with
    {
        Phases = power.Phases
            .Select(phase => phase.From > AsOf ? phase with { From = phase.From.AddDays(Days) } : phase)
            .ToSeq(),
    };
}
