using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Regions;

public sealed class ShippedCatalogueTests
{
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
        Assert.InRange(fleet.Pools.Sum(pool => pool.Nodes), 1_000, 6_000);
        Assert.InRange(fleet.Sites.Count(site => site.Spec.Status != SiteStatus.Active), 6, 100);
    }
}
