using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Regions;

public sealed class InstanceTypeCheckTests
{
    private static readonly string Types = $"""
        schemaVersion: 1
        instanceTypes:
        {Row("big.8", "sku: h100, acceleratorsPerNode: 8, cpuMilliPerNode: 96000, memoryMibPerNode: 1048576")}
        {Row("big.8n", "sku: h100, acceleratorsPerNode: 8, cpuMilliPerNode: 96000, memoryMibPerNode: 1048576")}
        {Row("small.1", "acceleratorsPerNode: 0, cpuMilliPerNode: 4000, memoryMibPerNode: 16384")}

        """;

    private const string Pool = "sites[0].clusters[0].nodePools[0]";

    public static TheoryData<string, string> Lines => new()
    {
        { "instanceType: big.8", "" },
        { "instanceType: big.8\ncapacity: { kind: reservation, zone: a }", "" },
        { "", $"instance-type-unknown {Pool}.pool is \"de-one-a-h100\" big.8 or big.8n" },
        { "instanceType: big.9", $"instance-type-unknown {Pool}.instanceType did you mean" },
        { "instanceType: small.1", $"instance-type-unknown {Pool}.instanceType are not the pool's" },
        {
            "instanceType: big.8\ncapacity: { kind: block, zone: a, durationHours: 24 }",
            $"capacity-unknown {Pool}.capacity.kind cloudy does not sell"
        },
        {
            "instanceType: big.8\ncapacity: { kind: reservation, zone: a, durationHours: 24 }",
            $"field-conflict {Pool}.capacity.durationHours no end"
        },
        { "instanceType: big.8\ncapacity: { kind: reservation }", $"field-required {Pool}.capacity.zone is missing" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void Judges_the_type_and_the_capacity_of_a_pool(string lines, string expected)
    {
        const string before = "            usdPerHour: 2.5\n";
        var split = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var added = string.Concat(split.Select(line => $"            {line}\n"));
        var region = RegionText.Changed(RegionText.Region, before, before + added);

        var problems = Parse(region, Types).Problems
            .Select(problem => $"{problem.Slug} {problem.Path} {problem.Message}")
            .ToList();

        if (expected.Length == 0)
        {
            Assert.Equal([], problems);
            return;
        }

        var parts = expected.Split(' ', 3);
        var problem = Assert.Single(problems);
        Assert.StartsWith($"{parts[0]} {parts[1]} ", problem, StringComparison.Ordinal);
        Assert.Contains(parts[2].Split(' ')[^1], problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_of_a_provider_that_lists_none_is_refused()
    {
        const string before = "            usdPerHour: 2.5\n";
        var region = RegionText.Changed(RegionText.Region, before, before + "            instanceType: big.8\n");

        var parsed = Parse(region, null);

        var problem = Assert.Single(parsed.Problems);
        Assert.Equal($"{Pool}.instanceType", problem.Path);
        Assert.Equal("is given; no machine type of cloudy is listed", problem.Message);
    }

    private static string Row(string type, string fields) =>
        $"  - {{ provider: cloudy, type: {type}, {fields}, evidence: {{ sources: [press], confidence: high }} }}";

    private static Checked<Fleet> Parse(string region, string? types) => RegionFiles.Parse(
    [
        .. RegionText.Files().Where(file => file.Path != RegionText.RegionPath),
        new SourceFile(RegionText.RegionPath, region),
        .. types is null ? Array.Empty<SourceFile>() : [new SourceFile("regions/catalog/instance-types.yaml", types)],
    ]);
}
