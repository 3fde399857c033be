namespace ControlPlane.Stacks.Tests.Inventory;

public sealed class ImportTests
{
    private const string Frankfurt = "regions/de-aws-frankfurt.yaml";
    private const string Key = "arn:aws:kms:eu-central-1:1:key/2";

    [Fact]
    public async Task Brings_nodes_and_key_in_line_shows_the_lines_first_and_leaves_everything_else()
    {
        using var tree = new CopiedTree();
        var before = tree.Read(Frankfurt);
        var output = tree.Write("output.json", Output());

        var ended = await Cplane.RunInAsync(tree.Root, "inventory", "import", "--stack-output", output);
        var again = await Cplane.RunInAsync(tree.Root, "inventory", "import", "--stack-output", output);

        Assert.Equal((0, $"{Frankfurt} changed at 2 places; check and commit it\n"), (ended.ExitCode, ended.Error));
        Assert.Matches(
            $"^--- {Frankfurt}\nline [0-9]+: de-aws-frankfurt-eks keyId\n\\+        keyId: \"{Key}\"\n"
            + "line [0-9]+: de-aws-frankfurt-l4 nodes\n-            nodes: 24\n\\+            nodes: 20\n$",
            ended.Output);
        Assert.Equal(
            before.Replace(
                "        providerRegion: eu-central-1\n",
                $"        providerRegion: eu-central-1\n        keyId: \"{Key}\"\n",
                StringComparison.Ordinal)
            .Replace("            nodes: 24\n", "            nodes: 20\n", StringComparison.Ordinal),
            tree.Read(Frankfurt));
        Assert.Equal((0, "", $"{Frankfurt} is what the stack made\n"), (again.ExitCode, again.Output, again.Error));
    }

    [Fact]
    public async Task A_dry_run_changes_nothing_and_programs_get_the_values()
    {
        using var tree = new CopiedTree();
        var before = tree.Read(Frankfurt);
        var output = tree.Write("output.json", Output());

        var ended = await Cplane.RunInAsync(
            tree.Root, "inventory", "import", "--stack-output", output, "--dry-run", "-o", "csv");

        Assert.Equal((0, $"{Frankfurt} would change at 2 places\n"), (ended.ExitCode, ended.Error));
        Assert.Equal(
            $"name,field,declared,made\nde-aws-frankfurt-eks,keyId,,{Key}\nde-aws-frankfurt-l4,nodes,24,20\n",
            ended.Output);
        Assert.Equal(before, tree.Read(Frankfurt));
    }

    [Fact]
    public async Task What_contradicts_the_file_is_told_at_its_line_and_nothing_is_written()
    {
        using var tree = new CopiedTree();
        var before = tree.Read(Frankfurt);
        var abroad = Output()
            .Replace("\"eu-central-1\"", "\"eu-west-1\"", StringComparison.Ordinal)
            .Replace("de-aws-frankfurt-a100-80", "de-aws-frankfurt-h100", StringComparison.Ordinal)
            .Replace("\"DE\"", "\"IE\"", StringComparison.Ordinal)
            .Replace("\"de-aws-frankfurt-a\"", "\"de-aws-frankfurt-b\"", StringComparison.Ordinal);
        var output = tree.Write("output.json", abroad);

        var ended = await Cplane.RunInAsync(tree.Root, "inventory", "import", "--stack-output", output);

        Assert.Equal(3, ended.ExitCode);
        foreach (var expected in (string[])
            [
                "is DE; the stack was made under IE", "the stack made it at de-aws-frankfurt-b",
                "is eu-central-1; the stack used eu-west-1",
                "hold no pool de-aws-frankfurt-h100, which the stack made",
                "is de-aws-frankfurt-a100-80, which the stack did not make",
            ])
            Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
        Assert.Matches(Frankfurt + ":[0-9]+:[0-9]+", ended.Error);
        Assert.Equal(before, tree.Read(Frankfurt));
    }

    [Theory]
    [InlineData("\"nodes\": 20", "\"nodes\": 4000", "power")]
    [InlineData("arn:aws:kms:eu-central-1:1", "arn:aws:kms:us-east-1:1", "is a key in us-east-1")]
    [InlineData("arn:aws:kms:eu-central-1:1:key/2", "the key", "the ARN of a key, or its https address")]
    public async Task What_the_files_could_not_hold_is_refused_and_nothing_is_written(
        string old, string replacement, string expected)
    {
        using var tree = new CopiedTree();
        var before = tree.Read(Frankfurt);
        var output = tree.Write("output.json", Output().Replace(old, replacement, StringComparison.Ordinal));

        var ended = await Cplane.RunInAsync(tree.Root, "inventory", "import", "--stack-output", output);

        Assert.Equal((3, ""), (ended.ExitCode, ended.Output));
        Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
        Assert.Equal(before, tree.Read(Frankfurt));
    }

    private static string Output() => """
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
              { "pool": "de-aws-frankfurt-a100", "instanceType": "p4d.24xlarge", "nodes": 32, "acceleratorsPerNode": 8 },
              { "pool": "de-aws-frankfurt-a100-80", "instanceType": "p4de.24xlarge", "nodes": 16, "acceleratorsPerNode": 8 },
              { "pool": "de-aws-frankfurt-cpu", "instanceType": "m7i.48xlarge", "nodes": 48, "acceleratorsPerNode": 0 },
              { "pool": "de-aws-frankfurt-l4", "instanceType": "g6.48xlarge", "nodes": 20, "acceleratorsPerNode": 8 }
            ],
            "tenants": ["research"]
          }]
        }
        """;
}
