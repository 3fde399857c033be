using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using ControlPlane.Policies.Stacks;
using ControlPlane.Regions;
using ControlPlane.Regions.Stacks;
using Xunit.Abstractions;

namespace ControlPlane.Stacks.Tests.Preview;

public sealed class CatalogueTests(ITestOutputHelper output)
{
    private static readonly Fleet Shipped = RegionFiles.Parse(Checkout.Read("regions")).Value;

    [Fact]
    public async Task Every_stack_of_the_shipped_catalogue_previews_and_keeps_every_rule()
    {
        var regions = Shipped.Regions.Where(RegionPlanner.HasStack).ToList();
        var previews = new ConcurrentDictionary<string, JsonElement>(StringComparer.Ordinal);

        await Parallel.ForEachAsync(
            regions,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            async (region, _) => previews[region.Id.Value] = await PreviewAsync(region.Id.Value));

        var table = Table(regions, previews);
        output.WriteLine(table);
        Assert.Equal([], regions.SelectMany(region => Findings(region, previews[region.Id.Value])));
        Golden.Check("tests/Stacks.Tests/golden/resources.txt", table);
    }

    [Fact]
    public void Every_region_with_a_stack_has_settings_and_no_two_clusters_share_addresses()
    {
        var folder = Path.Combine(Checkout.Root, "stacks/config");
        var wanted = Shipped.Regions.Where(RegionPlanner.HasStack).Select(region => $"Pulumi.{region.Id}.yaml");
        var blocks = Directory.EnumerateFiles(folder)
            .SelectMany(File.ReadLines)
            .Where(line => line.Contains("addressBlock:", StringComparison.Ordinal))
            .ToList();

        Assert.Equal(wanted, Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(blocks.Count, blocks.Distinct().Count());
    }

    private static async Task<JsonElement> PreviewAsync(string region)
    {
        var ended = await Cplane.RunAsync("stack", "preview", region, "-o", "json");
        Assert.True(ended.ExitCode == 0, $"{region}: {ended.Error}");
        using var document = JsonDocument.Parse(ended.Output);
        return document.RootElement.Clone();
    }

    private static IEnumerable<string> Findings(FleetRegion region, JsonElement preview)
    {
        var all = preview.GetProperty("resources").EnumerateArray().ToDictionary(item => Text(item, "urn"));
        var resources = all.Values.Select(item => new PlannedResource
        {
            Urn = Text(item, "urn"),
            Type = Text(item, "type"),
            Name = Text(item, "name"),
            Properties = (PlanMap)PlanValue.Of(item.GetProperty("inputs")),
            Provider = all.TryGetValue(Text(item, "provider"), out var provider) ? Provider(provider) : null,
        });
        return PlanRules.Judge(new PlanCase(Shipped, region, DateTimeOffset.UtcNow), resources.ToSeq())
            .Where(finding => finding.Outcome != PlanOutcome.NotApplicable)
            .Select(finding => finding.Sentence(region.Id.Value));
    }

    private static PlannedProvider Provider(JsonElement item) =>
        new(Text(item, "type"), Text(item, "name"), (PlanMap)PlanValue.Of(item.GetProperty("inputs")));

    private static string Table(IEnumerable<FleetRegion> regions, ConcurrentDictionary<string, JsonElement> previews)
    {
        string[] kinds = ["aws", "azure", "kubernetes", "providers", "components"];
        var text = new StringBuilder($"{"region",-30}{string.Concat(kinds.Select(kind => $"{kind,12}"))}\n");
        var sums = new int[kinds.Length];
        foreach (var region in regions)
        {
            var counts = previews[region.Id.Value].GetProperty("counts");
            var row = kinds.Select(kind => counts.TryGetProperty(kind, out var count) ? count.GetInt32() : 0).ToList();
            for (var index = 0; index < sums.Length; index++) sums[index] += row[index];
            text.Append($"{region.Id.Value,-30}{string.Concat(row.Select(count => $"{count,12}"))}\n");
        }

        text.Append($"{"all",-30}{string.Concat(sums.Select(count => $"{count,12}"))}\n");
        return text.ToString();
    }

    private static string Text(JsonElement item, string field) => item.GetProperty(field).GetString()!;
}
