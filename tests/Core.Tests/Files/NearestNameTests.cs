using ControlPlane.Files;

namespace ControlPlane.Core.Tests.Files;

public sealed class NearestNameTests
{
    private static readonly string[] Known =
    [
        "residency", "operator", "nvidia-h100-sxm5-80gb", "nvidia-h100-pcie-80gb", "nvidia-a100-sxm4-40gb", "GB", "DE",
    ];

    [Theory]
    [InlineData("residancy", "residency")]
    [InlineData("Operator", "operator")]
    [InlineData("opreator", "operator")]
    [InlineData("nvidia-h100-sxm-80gb", "nvidia-h100-sxm5-80gb")]
    [InlineData("H1000", "nvidia-h100-pcie-80gb")]
    [InlineData("gb", "GB")]
    [InlineData("completely-else", null)]
    [InlineData("", null)]
    public void Finds_what_was_meant_or_nothing(string given, string? expected)
    {
        Assert.Equal(expected, NearestName.Of(given, Known));
    }

    [Fact]
    public void Says_it_as_the_end_of_a_message()
    {
        Assert.Equal("; did you mean 'residency'?", NearestName.Hint("residancy", Known));
        Assert.Equal(
            "; did you mean one of 'nvidia-h100-pcie-80gb', 'nvidia-h100-sxm5-80gb', 'nvidia-a100-sxm4-40gb'?",
            NearestName.Hint("h100", Known));
        Assert.Equal("", NearestName.Hint("completely-else", Known));
    }

    [Fact]
    public void Long_input_is_not_compared()
    {
        Assert.Equal([], NearestName.Several(new string('x', 1_000_000), Known, 3));
    }
}
