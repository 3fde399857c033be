using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>Finds references to things that no file declares, and names what was most likely meant.</summary>
internal sealed class ReferenceCheck
{
    private readonly FleetDraft draft;
    private readonly KnownNames countries;
    private readonly KnownNames entities;
    private readonly KnownNames skus;
    private readonly KnownNames sources;
    private readonly List<Problem> problems = [];

    private ReferenceCheck(FleetDraft draft)
    {
        this.draft = draft;
        countries = KnownNames.In<Jurisdiction>(draft.Jurisdictions, "id", item => item.Id.Value);
        entities = KnownNames.In<LegalEntity>(draft.LegalEntities, "id", item => item.Id.Value);
        skus = KnownNames.In<Sku>(draft.Accelerators, "id", item => item.Id.Value);
        sources = KnownNames.In<Source>(draft.Sources, "id", item => item.Id);
    }

    public static IEnumerable<Problem> Find(FleetDraft draft)
    {
        var check = new ReferenceCheck(draft);
        check.Countries();
        check.Entities();
        check.Others();
        check.ProviderRegions();
        return check.problems;
    }

    private void Countries()
    {
        foreach (var region in draft.Roots)
            Country(region, "jurisdiction", region.Item.Jurisdiction);
        foreach (var site in draft.All<SiteSpec>()) Country(site, "country", site.Item.Country);
        foreach (var entity in draft.All<LegalEntity>()) Country(entity, "seat", entity.Item.Seat);
        foreach (var region in draft.All<ProviderRegion>()) Country(region, "country", region.Item.Country);
        foreach (var basis in draft.All<TransferBasis>()) Country(basis, "to", basis.Item.To);
        foreach (var claim in draft.All<Claim>()) CountryList(claim, "jurisdictions", claim.Item.Jurisdictions);
        foreach (var cell in draft.All<CellSpec>()) CountryList(cell, "jurisdictions", cell.Item.Jurisdictions);
        foreach (var dataset in draft.All<DatasetSpec>())
            Judge(dataset, ("origin", dataset.Item.Origin?.Value), countries, "country-unknown");
        foreach (var member in draft.All<Jurisdiction>()) CountryList(member, "memberOf", member.Item.MemberOf);
    }

    private void Entities()
    {
        foreach (var region in draft.Roots)
            Judge(region, ("operator", region.Item.Operator.Value), entities, "entity-unknown");
        foreach (var cluster in draft.All<ClusterSpec>())
            Judge(cluster, ("operator", cluster.Item.Operator?.Value), entities, "entity-unknown");
        foreach (var region in draft.All<ProviderRegion>())
            Judge(region, ("operator", region.Item.Operator.Value), entities, "entity-unknown");
        foreach (var entity in draft.All<LegalEntity>())
            Judge(entity, ("parent", entity.Item.Parent?.Value), entities, "entity-unknown");
    }

    private void Others()
    {
        var regions = draft.RegionNames();
        foreach (var pool in draft.All<NodePoolSpec>())
            Judge(pool, ("sku", pool.Item.Sku?.Value), skus, "accelerator-unknown");
        foreach (var type in draft.All<InstanceType>())
            Judge(type, ("sku", type.Item.Sku?.Value), skus, "accelerator-unknown");
        foreach (var link in draft.All<LinkSpec>()) Judge(link, ("to", link.Item.To.Value), regions, "region-unknown");
        foreach (var evidence in draft.All<Evidence>())
        {
            for (var index = 0; index < evidence.Item.Sources.Count; index++)
                Judge(evidence, ($"sources[{index}]", evidence.Item.Sources[index]), sources, "source-unknown");
        }
    }

    private void ProviderRegions()
    {
        var known = draft.All<ProviderRegion>().ToList();
        var providers = KnownNames.In<ProviderRegion>(draft.ProviderRegions, "provider", item => item.Provider);
        foreach (var cluster in draft.All<ClusterSpec>())
        {
            if (!cluster.Holds("provider") || cluster.Item.Provider == ClusterSpec.OwnFloor) continue;
            Judge(cluster, ("provider", cluster.Item.Provider), providers, "provider-unknown");
            var codes = known.Where(item => item.Item.Provider == cluster.Item.Provider && item.Holds("code"))
                .Select(item => item.Item.Code)
                .ToList();
            var names = new KnownNames(codes.Count > 0, codes);
            Judge(cluster, ("providerRegion", cluster.Item.ProviderRegion), names, "provider-region-unknown");
        }
    }

    private void CountryList<T>(FilePart<T> part, string field, Seq<JurisdictionId> ids)
    {
        for (var index = 0; index < ids.Count; index++) Country(part, $"{field}[{index}]", ids[index]);
    }

    private void Country<T>(FilePart<T> part, string field, JurisdictionId id) =>
        Judge(part, (field, id.Value), countries, "country-unknown");

    private void Judge<T>(FilePart<T> part, (string Field, string? Name) given, KnownNames known, string slug)
    {
        var (field, name) = given;
        if (name is null || !part.Holds(field) || !known.Misses(name)) return;
        var hint = slug == "country-unknown" && Iso.CodeMeant(name) is { } code
            ? $"; did you mean '{code}'?"
            : NearestName.Hint(name, known.Names);
        problems.Add(part.Problem(slug, field, $"is \"{name}\", which is not declared{hint}"));
    }
}
