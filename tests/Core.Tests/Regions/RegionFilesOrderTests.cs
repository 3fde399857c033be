using System.Text.RegularExpressions;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Regions;

public sealed class RegionFilesOrderTests
{
    private const int Rounds = 8;

    [Fact]
    public void The_order_of_files_and_rows_changes_nothing()
    {
        var seed = Seed.Pick();
        var random = new Random(seed);
        var files = Checkout.Read("regions");
        var expected = Shown(RegionFiles.Parse(files).Value);
        for (var round = 0; round < Rounds; round++)
        {
            var shuffled = files.Select(file => file with { Text = ShuffledRows(file.Text, random) }).ToArray();
            random.Shuffle(shuffled);

            var parsed = RegionFiles.Parse(shuffled);

            Assert.True(parsed.IsValid, $"seed {seed} round {round}: {string.Join('\n', parsed.Problems)}");
            Assert.True(expected == Shown(parsed.Value), $"seed {seed} round {round}: the fleets differ");
        }
    }

    [Fact]
    public void The_order_of_files_does_not_change_the_problems()
    {
        SourceFile[] files =
        [
            .. RegionText.Files(),
            new("regions/de-two.yaml", RegionText.Region),
            new("regions/bad.yaml", "region: [\n"),
        ];

        var forward = RegionFiles.Parse(files);
        var backward = RegionFiles.Parse(files.Reverse().ToArray());

        Assert.Equal(forward.Problems, backward.Problems);
    }

    private static string Shown(Fleet fleet) =>
        string.Join('\n', fleet.Regions.Select(region => region.Spec))
        + fleet.Catalog
        + string.Join('\n', fleet.Pools.Select(pool => $"{pool.Index} {pool.Id} {pool.Cluster.Id} {pool.SkuIndex}"))
        + string.Join('\n', fleet.Clusters.Select(cluster => $"{cluster.Index} {cluster.Id} {cluster.Controllers}"));

    // Shuffles the items of every list in block form except power phases, whose order means something.
    private static string ShuffledRows(string text, Random random)
    {
        var lines = text.TrimEnd('\n').Split('\n').ToList();
        return string.Join('\n', ShuffledBlock(lines, random)) + "\n";
    }

    private static List<string> ShuffledBlock(List<string> lines, Random random)
    {
        var result = new List<string>();
        for (var index = 0; index < lines.Count;)
        {
            var line = lines[index];
            result.Add(line);
            index++;
            var opens = Regex.Match(line, "^( *)(- )?([a-zA-Z]+):$");
            if (!opens.Success || index >= lines.Count) continue;
            var first = Regex.Match(lines[index], "^( *)- ");
            if (!first.Success) continue;
            var indent = first.Groups[1].Length;
            var items = new List<List<string>>();
            while (index < lines.Count && Indent(lines[index]) >= indent)
            {
                if (Indent(lines[index]) == indent) items.Add([]);
                items[^1].Add(lines[index]);
                index++;
            }

            var shuffled = items.Select(item => ShuffledBlock(item, random)).ToArray();
            if (opens.Groups[3].Value != "phases") random.Shuffle(shuffled);
            result.AddRange(shuffled.SelectMany(item => item));
        }

        return result;
    }

    private static int Indent(string line) => line.Length - line.TrimStart(' ').Length;
}
