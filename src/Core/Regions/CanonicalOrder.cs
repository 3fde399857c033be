namespace ControlPlane.Regions;

/// <summary>Brings what files list in any order into one order, so that equal fleets are equal values.</summary>
internal static class CanonicalOrder
{
    public static RegionSpec Of(RegionSpec region) => region with
    {
        Evidence = Of(region.Evidence),
        Claims = Of(region.Claims),
        Sites = region.Sites.OrderBy(site => site.Site).Select(Of).ToSeq(),
        Links = region.Links
            .OrderBy(link => link.To)
            .Select(link => link with { Evidence = Of(link.Evidence) })
            .ToSeq(),
        SiteLinks = region.SiteLinks
            .OrderBy(link => link.From).ThenBy(link => link.To)
            .Select(link => link with { Evidence = Of(link.Evidence) })
            .ToSeq(),
        Datasets = region.Datasets
            .OrderBy(dataset => dataset.Dataset)
            .Select(dataset => dataset with { Copies = dataset.Copies.Order().ToSeq() })
            .ToSeq(),
    };

    public static Seq<Sku> Of(Seq<Sku> skus) =>
        skus.OrderBy(sku => sku.Id).Select(sku => sku with { Evidence = Of(sku.Evidence) }).ToSeq();

    public static Seq<InstanceType> Of(Seq<InstanceType> types) =>
        types.OrderBy(item => item.Provider, StringComparer.Ordinal)
            .ThenBy(item => item.Type, StringComparer.Ordinal)
            .Select(item => item with { Evidence = Of(item.Evidence) })
            .ToSeq();

    public static Seq<Jurisdiction> Of(Seq<Jurisdiction> jurisdictions) =>
        jurisdictions.OrderBy(item => item.Id).Select(Of).ToSeq();

    public static Seq<LegalEntity> Of(Seq<LegalEntity> entities) =>
        entities.OrderBy(item => item.Id).Select(item => item with { Evidence = Of(item.Evidence) }).ToSeq();

    public static Seq<ProviderRegion> Of(Seq<ProviderRegion> regions) =>
        regions.OrderBy(item => item.Provider, StringComparer.Ordinal)
            .ThenBy(item => item.Code, StringComparer.Ordinal)
            .Select(item => item with { Evidence = Of(item.Evidence) })
            .ToSeq();

    public static Seq<Source> Of(Seq<Source> sources) =>
        sources.OrderBy(item => item.Id, StringComparer.Ordinal).ToSeq();

    private static Jurisdiction Of(Jurisdiction jurisdiction) => jurisdiction with
    {
        MemberOf = jurisdiction.MemberOf.Order().ToSeq(),
        Laws = Of(jurisdiction.Laws),
        AccessLaws = jurisdiction.AccessLaws.Order().ToSeq(),
        AssuranceSchemes = Of(jurisdiction.AssuranceSchemes),
        TransferBases = jurisdiction.TransferBases
            .OrderBy(item => item.To)
            .ThenBy(item => item.Basis)
            .ThenBy(item => item.ValidFrom)
            .ThenBy(item => item.ValidTo)
            .Select(item => item with { Evidence = Of(item.Evidence) })
            .ToSeq(),
        Evidence = Of(jurisdiction.Evidence),
    };

    private static SiteSpec Of(SiteSpec site) => site with
    {
        Evidence = Of(site.Evidence),
        Power = site.Power with
        {
            Phases = site.Power.Phases.Select(phase => phase with { Evidence = Of(phase.Evidence) }).ToSeq(),
            Evidence = Of(site.Power.Evidence),
        },
        Clusters = site.Clusters.OrderBy(cluster => cluster.Cluster).Select(Of).ToSeq(),
    };

    private static ClusterSpec Of(ClusterSpec cluster) => cluster with
    {
        Claims = Of(cluster.Claims),
        NodePools = cluster.NodePools
            .OrderBy(pool => pool.Pool)
            .Select(pool => pool with { Evidence = Of(pool.Evidence) })
            .ToSeq(),
    };

    private static Seq<Claim> Of(Seq<Claim> claims) => claims
        .OrderBy(claim => claim.Kind)
        .ThenBy(claim => claim.Scheme, StringComparer.Ordinal)
        .ThenBy(claim => claim.Objective, StringComparer.Ordinal)
        .ThenBy(claim => claim.Level)
        .ThenBy(claim => claim.Custody)
        .ThenBy(claim => claim.ValidFrom)
        .ThenBy(claim => claim.ValidTo)
        .ThenBy(claim => string.Join(' ', claim.Jurisdictions.Order()), StringComparer.Ordinal)
        .ThenBy(claim => Text(claim.Evidence), StringComparer.Ordinal)
        .Select(claim => claim with
        {
            Jurisdictions = claim.Jurisdictions.Order().ToSeq(),
            Evidence = Of(claim.Evidence),
        })
        .ToSeq();

    private static Evidence Of(Evidence evidence) => evidence with { Sources = Of(evidence.Sources) };

    private static Seq<string> Of(Seq<string> names) => names.Order(StringComparer.Ordinal).ToSeq();

    private static string Text(Evidence evidence) =>
        $"{string.Join(' ', Of(evidence.Sources))}|{evidence.Confidence}|{evidence.Assumed}|{evidence.Note}";
}
