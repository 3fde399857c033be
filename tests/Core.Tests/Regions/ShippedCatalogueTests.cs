using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Policies;

namespace ControlPlane.Core.Tests.Regions;

/// <summary>What the shipped regions/ must hold whatever else changes in it.</summary>
public sealed class ShippedCatalogueTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);
    private static readonly Checked<Fleet> Parsed = RegionFiles.Parse(Checkout.Read("regions"));

    [Fact]
    public void Has_no_problem()
    {
        Assert.Equal([], Parsed.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void Is_as_wide_as_promised()
    {
        var fleet = Parsed.Value;

        Assert.InRange(fleet.Regions.Count, 24, 1_000);
        Assert.InRange(fleet.Regions.Select(region => region.Spec.Jurisdiction).Distinct().Count(), 14, 1_000);
        Assert.InRange(fleet.Skus.Count, 45, 10_000);
        Assert.InRange(fleet.Skus.Select(sku => sku.Vendor).Distinct().Count(), 8, 1_000);
        Assert.InRange(fleet.Catalog.ProviderRegions.Count, 341, 10_000);
        Assert.InRange(fleet.Catalog.ProviderRegions.Select(region => region.Provider).Distinct().Count(), 28, 1_000);
        Assert.InRange(fleet.Pools.Sum(pool => pool.Nodes), 1_000, 6_000);
        Assert.InRange(fleet.Sites.Count(site => site.Spec.Status != SiteStatus.Active), 6, 100);
        Assert.InRange(fleet.Regions.Count(region => region.Spec.Sites.Count > 1), 3, 1_000);
    }

    [Fact]
    public void Every_source_is_used_and_every_fact_has_evidence()
    {
        var drafts = Checkout.Read("regions").Select(Drafted).ToList();
        var evidences = drafts.SelectMany(draft => draft.All<Evidence>()).ToList();

        var bare = evidences.Where(item => item.Item is { Sources.Count: 0, Assumed: false }).Select(item => item.Path);
        var unexplained = evidences.Where(item => item.Item is { Assumed: true, Note: null })
            .Select(item => item.File.Place(item.Path));
        var cited = evidences.SelectMany(item => item.Item.Sources).ToHashSet(StringComparer.Ordinal);

        Assert.InRange(evidences.Count, 1_000, 100_000);
        Assert.Empty(bare);
        Assert.Empty(unexplained);
        Assert.DoesNotContain(Parsed.Value.Catalog.Sources, source => !cited.Contains(source.Id));
    }

    [Fact]
    public void No_claim_has_expired_or_soon_will()
    {
        var found = RegionWarnings.At(Parsed.Value, Today);

        Assert.Empty(found.Errors);
        Assert.Empty(found.Warnings);
        Assert.DoesNotContain(
            Parsed.Value.Regions.SelectMany(region => region.Spec.Claims), claim => claim.ValidFrom > Today);
    }

    [Fact]
    public void Germany_has_room_for_health_data_out_of_reach_of_the_CLOUD_Act()
    {
        var fleet = Parsed.Value;
        var asOf = new DateTimeOffset(Today.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

        var fit = fleet.Pools.Where(pool =>
            pool.Site.Spec is { Status: SiteStatus.Active, Country.Value: "DE" }
            && pool is { Spec.AcceleratorsPerNode: 8, Sku.Id.Value: "nvidia-h100-sxm5-80gb" or "nvidia-h200-sxm-141gb" }
            && AccessLaws.WhyReached(fleet, pool.Cluster, new("US_CLOUD_ACT")) is null
            && pool.Cluster.Claims.Any(claim => claim.HoldsAt(asOf) && claim.Scheme == "BSI_C5")
            && pool.Cluster.Claims.Any(claim =>
                claim.HoldsAt(asOf) && claim.Custody == KeyCustodyLevel.CustomerHardware));

        Assert.Equal(["de-ionos", "de-stackit"], fit.Select(pool => pool.Region.Id.Value).Distinct());
    }

    [Theory]
    [InlineData("de-aws-frankfurt", true)]
    [InlineData("de-aws-eusc", true)]
    [InlineData("fr-azure-paris", true)]
    [InlineData("kr-sk-ulsan", true)]
    [InlineData("de-stackit", false)]
    [InlineData("ch-exoscale", false)]
    [InlineData("fi-nebius-mantsala", false)]
    [InlineData("jp-sakura-ishikari", false)]
    public void Ultimate_parents_decide_whom_the_CLOUD_Act_reaches(string region, bool reached)
    {
        var fleet = Parsed.Value;
        var clusters = fleet.Clusters.Where(cluster => cluster.Region.Id.Value == region).ToList();

        Assert.NotEmpty(clusters);
        Assert.All(clusters, cluster =>
            Assert.Equal(reached, AccessLaws.WhyReached(fleet, cluster, new("US_CLOUD_ACT")) is not null));
    }

    [Fact]
    public void Sites_lie_near_their_country()
    {
        // Rough frames of latitude and longitude; they catch a lost minus sign or swapped figures, not a wrong street.
        var frames = new Dictionary<string, (double, double, double, double)>(StringComparer.Ordinal)
        {
            ["AE"] = (22, 27, 51, 57), ["AT"] = (46, 50, 9, 18), ["AU"] = (-44, -10, 112, 154),
            ["BR"] = (-34, 6, -74, -34), ["CA"] = (41, 75, -141, -52), ["CH"] = (45, 48, 5, 11),
            ["DE"] = (47, 56, 5, 16), ["FI"] = (59, 71, 20, 32), ["FR"] = (41, 52, -6, 10),
            ["GB"] = (49, 61, -9, 2), ["IE"] = (51, 56, -11, -5), ["IN"] = (6, 36, 68, 98),
            ["IT"] = (36, 48, 6, 19), ["JP"] = (24, 46, 122, 146), ["KR"] = (33, 39, 124, 132),
            ["NO"] = (57, 72, 4, 32), ["PT"] = (36, 43, -10, -6), ["SA"] = (16, 33, 34, 56),
            ["SE"] = (55, 70, 10, 25), ["SG"] = (1, 2, 103, 105), ["US"] = (24, 50, -125, -66),
        };

        Assert.All(Parsed.Value.Sites, site =>
        {
            var (south, north, west, east) = frames[site.Spec.Country.Value];
            Assert.InRange(site.Spec.LatitudeDegrees!.Value, south, north);
            Assert.InRange(site.Spec.LongitudeDegrees!.Value, west, east);
        });
    }

    private static FileDraft Drafted(SourceFile file) => file.Path switch
    {
        RegionFiles.Accelerators => YamlBinder.Draft<AcceleratorCatalog>(file),
        RegionFiles.InstanceTypes => YamlBinder.Draft<InstanceTypeCatalog>(file),
        RegionFiles.Jurisdictions => YamlBinder.Draft<JurisdictionCatalog>(file),
        RegionFiles.LegalEntities => YamlBinder.Draft<LegalEntityCatalog>(file),
        RegionFiles.ProviderRegions => YamlBinder.Draft<ProviderRegionCatalog>(file),
        RegionFiles.Sources => YamlBinder.Draft<SourceCatalog>(file),
        _ => YamlBinder.Draft<RegionSpec>(file),
    };
}
