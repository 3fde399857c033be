using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Regions;

public sealed class RegionFilesTests
{
    [Fact]
    public void Reads_a_small_fleet()
    {
        var parsed = RegionFiles.Parse(RegionText.Files());

        Assert.Equal("[]", parsed.Problems.ToString());
        Assert.Equal(["de-one"], parsed.Value.Regions.Select(region => region.Id.Value));
        Assert.Equal(["acme", "acme-holding"], parsed.Value.Clusters[0].Controllers.Select(entity => entity.Id.Value));
        Assert.Equal(15 * 8 * 1000, parsed.Value.Pools[0].AcceleratorMilli);
    }
}
