using System.Text;
using ControlPlane.Cli.Stacks;
using ControlPlane.Policies.Stacks;
using ControlPlane.Regions;
using ControlPlane.Regions.Stacks;
using Xunit.Abstractions;

namespace ControlPlane.Stacks.Tests.Preview;

public sealed class CatalogueTests(ITestOutputHelper output)
{
    private static readonly Fleet Shipped = RegionFiles.Parse(Checkout.Read("regions")).Value;

    /// <summary>
    /// The stack program is started once and then asked for each region, as most of a run is its start; that it runs as
    /// a process of its own is what the other tests of previews show.
    /// </summary>
    [Fact]
    public async Task Every_stack_of_the_shipped_catalogue_previews_and_keeps_every_rule()
    {
        var regions = Shipped.Regions.Where(RegionPlanner.HasStack).ToList();
        var tree = StackTree.Read(Checkout.Root);
        var reports = new Dictionary<string, PreviewReport>(StringComparer.Ordinal);

        foreach (var region in regions) reports[region.Id.Value] = await StackRun.PreviewAsync(tree, region);

        var table = Table(regions, reports);
        output.WriteLine(table);
        Assert.Equal([], regions.SelectMany(region => Findings(region, reports[region.Id.Value].Preview)));
        Golden.Check("tests/Stacks.Tests/golden/resources.txt", table);
    }

    [Fact]
    public async Task All_stacks_are_previewed_and_judged_at_once()
    {
        using var tree = new CopiedTree();
        string[] kept = ["regions/de-azure-frankfurt.yaml", "regions/de-otc.yaml"];
        foreach (var path in Directory.EnumerateFiles(Path.Combine(tree.Root, "regions"), "*.yaml"))
        {
            if (!kept.Contains(Path.GetRelativePath(tree.Root, path))) File.Delete(path);
        }

        foreach (var file in kept) tree.Write(file, tree.Read(file).Split("\nlinks:")[0] + "\n");

        var ended = await Cplane.RunInAsync(tree.Root, "stack", "preview", "--all", "--policy", "--markdown");

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.Equal(
            """
            2 stacks: aws 0, azure 16, kubernetes 46, providers 3, components 10; policy pack: nothing to say.

            | stack | aws | azure | kubernetes | providers | components | policy pack |
            |---|---:|---:|---:|---:|---:|---|
            | de-azure-frankfurt | 0 | 16 | 23 | 2 | 5 | nothing to say |
            | de-otc | 0 | 0 | 23 | 1 | 5 | nothing to say |

            """,
            ended.Output[ended.Output.IndexOf("2 stacks", StringComparison.Ordinal)..]);
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

    private static IEnumerable<string> Findings(FleetRegion region, Previewed preview)
    {
        var all = preview.Resources.ToDictionary(item => item.Urn);
        var resources = all.Values.Select(item => new PlannedResource
        {
            Urn = item.Urn,
            Type = item.Type,
            Name = item.Name,
            Properties = item.Inputs,
            Provider = all.TryGetValue(item.ProviderUrn, out var provider)
                ? new PlannedProvider(provider.Type, provider.Name, provider.Inputs)
                : null,
        });
        return PlanRules.Judge(new PlanCase(Shipped, region, DateTimeOffset.UtcNow), resources.ToSeq())
            .Where(finding => finding.Outcome != PlanOutcome.NotApplicable)
            .Select(finding => finding.Sentence(region.Id.Value));
    }

    private static string Table(IEnumerable<FleetRegion> regions, Dictionary<string, PreviewReport> reports)
    {
        string[] kinds = ["aws", "azure", "kubernetes", "providers", "components"];
        var text = new StringBuilder($"{"region",-30}{string.Concat(kinds.Select(kind => $"{kind,12}"))}\n");
        var sums = new int[kinds.Length];
        foreach (var region in regions)
        {
            var counts = reports[region.Id.Value].Counts.ToDictionary();
            var row = kinds.Select(kind => counts.GetValueOrDefault(kind)).ToList();
            for (var index = 0; index < sums.Length; index++) sums[index] += row[index];
            text.Append($"{region.Id.Value,-30}{string.Concat(row.Select(count => $"{count,12}"))}\n");
        }

        text.Append($"{"all",-30}{string.Concat(sums.Select(count => $"{count,12}"))}\n");
        return text.ToString();
    }
}
