namespace ControlPlane.Stacks.Tests.Inventory;

public sealed class ImportTests
{
    private const string Frankfurt = "regions/de-aws-frankfurt.yaml";

    [Fact]
    public async Task Brings_the_numbers_of_nodes_in_line_and_leaves_everything_else()
    {
        using var tree = new CopiedTree();
        var before = tree.Read(Frankfurt);
        var output = tree.Write("output.json", Output("de-aws-frankfurt-l4", 20));

        var ended = await Cplane.RunInAsync(tree.Root, "inventory", "import", "--stack-output", output);

        Assert.Equal((0, $"{Frankfurt} changed at 1 place; check and commit it\n"), (ended.ExitCode, ended.Error));
        var lines = tree.Read(Frankfurt).Split('\n').Zip(before.Split('\n')).Where(pair => pair.First != pair.Second);
        Assert.Equal([("            nodes: 20", "            nodes: 24")], lines);
    }

    [Fact]
    public async Task A_dry_run_changes_nothing()
    {
        using var tree = new CopiedTree();
        var before = tree.Read(Frankfurt);
        var output = tree.Write("output.json", Output("de-aws-frankfurt-l4", 20));

        var ended = await Cplane.RunInAsync(tree.Root, "inventory", "import", "--stack-output", output, "--dry-run");

        Assert.Equal((0, $"{Frankfurt} would change at 1 place\n"), (ended.ExitCode, ended.Error));
        Assert.Equal(before, tree.Read(Frankfurt));
    }

    [Fact]
    public async Task What_contradicts_the_file_is_told_at_its_line()
    {
        using var tree = new CopiedTree();
        var abroad = Output("de-aws-frankfurt-h100", 1).Replace("eu-central-1", "eu-west-1", StringComparison.Ordinal);
        var output = tree.Write("output.json", abroad);

        var ended = await Cplane.RunInAsync(tree.Root, "inventory", "import", "--stack-output", output);

        Assert.Equal(3, ended.ExitCode);
        Assert.Contains("is eu-central-1; the stack used eu-west-1", ended.Error, StringComparison.Ordinal);
        Assert.Contains(
            "hold no pool de-aws-frankfurt-h100, which the stack made", ended.Error, StringComparison.Ordinal);
        Assert.Matches(Frankfurt + ":[0-9]+:[0-9]+", ended.Error);
    }

    private static string Output(string pool, int nodes) => $$"""
        {
          "schemaVersion": 1,
          "region": "de-aws-frankfurt",
          "jurisdiction": "DE",
          "clusters": [{
            "cluster": "de-aws-frankfurt-eks",
            "site": "de-aws-frankfurt-a",
            "provider": "aws",
            "providerRegion": "eu-central-1",
            "endpoint": "https://0123.eks.example",
            "keyId": "arn:aws:kms:eu-central-1:1:key/2",
            "nodePools": [
              { "pool": "{{pool}}", "instanceType": "g6.48xlarge", "nodes": {{nodes}}, "acceleratorsPerNode": 8 }
            ],
            "tenants": ["research"]
          }]
        }
        """;
}
