using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Regions;

public sealed class RegionWarningsTests
{
    private static readonly Fleet Fleet = RegionFiles.Parse(RegionText.Files()).Value;

    [Theory]
    [InlineData("2027-12-01", "", "regions/de-one.yaml:11:14 claims[0].validTo is 2027-12-31, in 30 days")]
    [InlineData("2027-12-31", "", "regions/de-one.yaml:11:14 claims[0].validTo is 2027-12-31, in 0 days")]
    [InlineData("2028-01-01", "regions/de-one.yaml:11:14 claims[0].validTo was 2027-12-31; the claim no longer counts",
        "")]
    [InlineData("2027-11-30", "", "")]
    public void Announces_an_end_30_days_ahead_and_refuses_it_afterwards(string today, string errors, string warnings)
    {
        var found = RegionWarnings.At(Fleet, DateOnly.Parse(today, System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(errors, string.Join('\n', found.Errors));
        Assert.Equal(warnings, string.Join('\n', found.Warnings));
        Assert.All(found.Errors.Concat(found.Warnings), problem => Assert.Equal("evidence-expired", problem.Slug));
    }
}
