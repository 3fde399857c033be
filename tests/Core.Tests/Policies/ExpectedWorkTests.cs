using ControlPlane.Files;
using ControlPlane.Policies;

namespace ControlPlane.Core.Tests.Policies;

/// <summary>The part of the preferences that says which work is expected.</summary>
public sealed class ExpectedWorkTests
{
    /// <summary>Preferences without expected work, to which some can be added.</summary>
    internal const string Weights = """
        schemaVersion: 1
        price: 30
        carbon: 10
        latency: 20
        home: 20
        packing: 10
        spread: 5
        waste: 40

        """;

    [Fact]
    public void Kinds_of_units_are_read_and_belong_to_what_the_digest_names()
    {
        var parsed = Parse("""
            expectedWork:
              - { weight: 60, shareMilli: 500, cpuMilli: 4000 }
              - { weight: 30, accelerators: 8, cpuMilli: 90000 }
              - { weight: 10, cpuMilli: 2000 }

            """);

        Assert.Equal([], parsed.Problems);
        Assert.Equal(
            [
                new() { Weight = 60, ShareMilli = 500, CpuMilli = 4_000 },
                new() { Weight = 30, Accelerators = 8, CpuMilli = 90_000 }, new() { Weight = 10, CpuMilli = 2_000 },
            ],
            parsed.Value.Preferences.ExpectedWork);
        Assert.Equal([], Parse("").Value.Preferences.ExpectedWork);
        Assert.NotEqual(Parse("").Value.Digest, parsed.Value.Digest);
        Assert.NotEqual(Parse("expectedWork: [{ weight: 2, accelerators: 1, cpuMilli: 1 }]\n").Value.Digest,
            Parse("expectedWork: [{ weight: 3, accelerators: 1, cpuMilli: 1 }]\n").Value.Digest);
    }

    [Theory]
    [InlineData("{ weight: 0, accelerators: 1, cpuMilli: 1 }", "9 out-of-range expectedWork[0].weight")]
    [InlineData("{ weight: 10001, accelerators: 1, cpuMilli: 1 }", "9 out-of-range expectedWork[0].weight")]
    [InlineData("{ weight: 1, accelerators: 65, cpuMilli: 1 }", "9 out-of-range expectedWork[0].accelerators")]
    [InlineData("{ weight: 1, shareMilli: 1000, cpuMilli: 1 }", "9 out-of-range expectedWork[0].shareMilli")]
    [InlineData("{ weight: 1, shareMilli: -1, cpuMilli: 1 }", "9 out-of-range expectedWork[0].shareMilli")]
    [InlineData("{ weight: 1, accelerators: 1, cpuMilli: -1 }", "9 out-of-range expectedWork[0].cpuMilli")]
    [InlineData("{ weight: 1, accelerators: 1 }", "9 field-required expectedWork[0].cpuMilli")]
    [InlineData("{ accelerators: 1, cpuMilli: 1 }", "9 field-required expectedWork[0].weight")]
    [InlineData("{ weight: 1, accelerators: 1, cpuMilli: 1, memoryMib: 5 }",
        "9 unknown-field expectedWork[0].memoryMib")]
    [InlineData("{ weight: 1, accelerators: 1, shareMilli: 500, cpuMilli: 1 }",
        "9 rule-conflict expectedWork[0].shareMilli")]
    [InlineData("{ weight: 1, cpuMilli: 1 }", "9 policy-blank expectedWork")]
    [InlineData("", "9 too-few expectedWork")]
    public void What_cannot_be_expected_is_named_with_its_line(string item, string expected)
    {
        var problem = Assert.Single(Parse($"expectedWork: [{item}]\n").Problems);

        Assert.Equal(expected, $"{problem.Line} {problem.Slug} {problem.Path}");
    }

    [Fact]
    public void No_more_than_sixty_four_kinds_are_expected()
    {
        var items = Enumerable.Repeat("{ weight: 1, accelerators: 1, cpuMilli: 1 }", 65).ToList();

        Assert.Equal([], Parse($"expectedWork: [{string.Join(", ", items.Take(64))}]\n").Problems);
        Assert.Equal("too-many", Assert.Single(Parse($"expectedWork: [{string.Join(", ", items)}]\n").Problems).Slug);
    }

    private static Checked<PolicySet> Parse(string rest) =>
        PolicyFiles.Parse([new SourceFile(PolicyFiles.PreferencesPath, Weights + rest)]);
}
