using System.Text.Json.Nodes;

namespace ControlPlane.Stacks.Tests.Preview;

public sealed class PreviewTests
{
    private const string Frankfurt = "regions/de-aws-frankfurt.yaml";

    [Fact]
    public async Task Shows_the_tree_with_inputs_and_says_that_it_is_not_the_engine()
    {
        var ended = await Cplane.RunAsync("stack", "preview", "de-stackit", "--policy");

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.StartsWith("This is not the Pulumi engine: ", ended.Output, StringComparison.Ordinal);
        Assert.Contains("regions/de-stackit.yaml: ", ended.Output, StringComparison.Ordinal);
        Assert.Contains(
            "\n    kubernetes:core/v1:Namespace de-stackit-neckarsulm-ske-system\n",
            ended.Output,
            StringComparison.Ordinal);
        Assert.Contains("requests.nvidia.com/gpu", ended.Output, StringComparison.Ordinal);
        Assert.Contains("stringData: [secret]", ended.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("(join token)", ended.Output, StringComparison.Ordinal);
        Assert.EndsWith("policy pack: nothing to say\n", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Power_that_is_contracted_later_is_refused_by_the_pack_with_file_rule_and_reason()
    {
        using var tree = new CopiedTree();
        const string phase = "        - { from: 2026-01-01, megawatts: ";
        const string evidence = "evidence: { confidence: low, assumed: true, note: \"first phase\" }";
        var later = phase.Replace("2026", "2030", StringComparison.Ordinal);
        tree.Change(Frankfurt, phase, $"{phase}0.1, {evidence} }}\n{later}");

        var ended = await Cplane.RunInAsync(
            tree.Root, "stack", "preview", "de-aws-frankfurt", "--policy", "--markdown");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains(
            $"| mandatory | capacity | {Frankfurt}: rule capacity: the machines at site de-aws-frankfurt-a draw ",
            ended.Output,
            StringComparison.Ordinal);
        Assert.Contains("contracted are 0.1 MW", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_abroad_is_refused_by_the_pack_with_line_rule_and_reason()
    {
        using var tree = new CopiedTree();
        tree.Change(Frankfurt, "providerRegion: eu-central-1", "providerRegion: us-east-1");

        var judged = await Cplane.RunInAsync(tree.Root, "stack", "preview", "de-aws-frankfurt", "--policy");
        var unjudged = await Cplane.RunInAsync(tree.Root, "stack", "preview", "de-aws-frankfurt");

        Assert.Equal((1, ""), (judged.ExitCode, judged.Error));
        Assert.Contains("\npolicy pack: 2 refused, 0 to know\n", judged.Output, StringComparison.Ordinal);
        Assert.Matches(
            "  mandatory: regions/de-aws-frankfurt.yaml:[0-9]+:[0-9]+: rule provider-region: "
            + "sites\\[0\\].clusters\\[0\\].providerRegion is us-east-1 of aws in US",
            judged.Output);
        Assert.Equal(3, unjudged.ExitCode);
        Assert.Matches("regions/de-aws-frankfurt.yaml:[0-9]+:[0-9]+ .*us-east-1", unjudged.Error);
    }

    [Fact]
    public async Task A_claimed_custody_of_keys_that_no_setting_makes_true_is_refused_by_the_pack()
    {
        using var tree = new CopiedTree();
        tree.Change(Frankfurt, "custody: customerManaged", "custody: external");

        var read = await Cplane.RunInAsync(tree.Root, "check", "regions");
        var judged = await Cplane.RunInAsync(
            tree.Root, "stack", "preview", "de-aws-frankfurt", "--policy", "-o", "json");

        Assert.Equal(0, read.ExitCode);
        Assert.Equal(1, judged.ExitCode);
        var verdict = Assert.Single(JsonNode.Parse(judged.Output)!["verdicts"]!.AsArray())!;
        Assert.Equal(
            ("customer-held-keys", "mandatory", "stacks/config/Pulumi.de-aws-frankfurt.yaml: rule customer-held-keys: "
                + "clusters[de-aws-frankfurt-eks].keyStore is missing; "
                + "regions/de-aws-frankfurt.yaml claims that the key lives outside the provider"),
            ((string?)verdict["rule"], (string?)verdict["level"], (string?)verdict["message"]));
    }

    [Fact]
    public async Task Configuration_that_leads_abroad_behind_the_region_file_is_refused_by_the_pack()
    {
        using var tree = new CopiedTree();
        const string settings = "stacks/config/Pulumi.de-aws-frankfurt.yaml";
        tree.Change(settings, "  pulumi:disable-default-providers: [\"*\"]\n", "  aws:region: us-east-1\n");

        var judged = await Cplane.RunInAsync(tree.Root, "stack", "preview", "de-aws-frankfurt", "--policy");

        Assert.Equal(1, judged.ExitCode);
        Assert.EndsWith(
            $$"""

              mandatory: {{Frankfurt}}: rule allowed-providers: pulumi:disable-default-providers does not hold "*", so what names no provider would be made where an environment chose ({{settings}})
              mandatory: {{Frankfurt}}: rule provider-region: aws:region: aws region us-east-1 lies in US, outside DE ({{settings}})

            """,
            judged.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_that_stands_where_the_region_file_no_longer_says_is_refused()
    {
        using var tree = new CopiedTree();
        var earlier = await Cplane.RunInAsync(tree.Root, "stack", "preview", "de-aws-frankfurt", "-o", "json");
        var state = tree.Write("state.json", Exported(earlier.Output));
        var before = await Cplane.RunInAsync(tree.Root, "stack", "check", "--file", state);
        tree.Change(Frankfurt, "providerRegion: eu-central-1", "providerRegion: eusc-de-east-1");
        tree.Change(Frankfurt, "zone: eu-central-1b", "zone: eusc-de-east-1b");

        var after = await Cplane.RunInAsync(tree.Root, "stack", "check", "--file", state);

        Assert.Equal(0, before.ExitCode);
        Assert.Equal(1, after.ExitCode);
        Assert.Contains(
            $"{Frankfurt}: rule provider-region: region is eu-central-1; declared are eusc-de-east-1",
            after.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Differences_from_an_earlier_preview_and_from_a_state_are_shown()
    {
        using var tree = new CopiedTree();
        var earlier = await Cplane.RunInAsync(tree.Root, "stack", "preview", "de-aws-frankfurt", "-o", "json");
        var preview = tree.Write("before.json", earlier.Output);
        var state = tree.Write("state.json", Exported(earlier.Output));
        tree.Change(
            "stacks/config/Pulumi.de-aws-frankfurt.yaml", "kubernetesVersion: \"1.33\"", "kubernetesVersion: \"1.34\"");

        var same = await Cplane.RunAsync("stack", "preview", "de-aws-frankfurt", "--against", state);
        var changed = await Cplane.RunInAsync(tree.Root, "stack", "preview", "de-aws-frankfurt", "--against", preview);

        Assert.EndsWith("\ndifferences: 0\n", same.Output, StringComparison.Ordinal);
        Assert.EndsWith(
            "\ndifferences: 1\n  ~ aws:eks/cluster:Cluster de-aws-frankfurt-eks\n      version: \"1.33\" -> \"1.34\"\n",
            changed.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_with_faults_end_the_program_with_all_of_them()
    {
        using var tree = new CopiedTree();
        tree.Change("stacks/config/Pulumi.de-aws-frankfurt.yaml", "egress: nat", "egres: nat");
        tree.Change("stacks/config/Pulumi.de-aws-frankfurt.yaml", "pods: 500", "pods: 0");

        var ended = await Cplane.RunInAsync(tree.Root, "stack", "preview", "de-aws-frankfurt");

        Assert.Equal(3, ended.ExitCode);
        Assert.Contains(
            "the stack program failed with exit code 32 [stack-failed]", ended.Error, StringComparison.Ordinal);
        Assert.Contains(
            "egres is not a known field",
            ended.Error,
            StringComparison.Ordinal);
        Assert.Contains("tenants[0].pods", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("de-aws-frankfrut", "is no declared region")]
    [InlineData("no-nscale", "has no stack")]
    public async Task A_region_without_a_stack_is_said_so(string region, string expected)
    {
        var ended = await Cplane.RunAsync("stack", "preview", region);

        Assert.Equal(3, ended.ExitCode);
        Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such.json", "cannot read no-such.json: there is no such file")]
    [InlineData("global.json", "global.json holds neither an earlier preview nor what `pulumi stack export` writes")]
    [InlineData("README.md", "README.md is no JSON: ")]
    public async Task A_file_that_nothing_can_be_compared_with_is_said_so(string file, string expected)
    {
        var ended = await Cplane.RunAsync("stack", "preview", "de-otc", "--against", file);

        Assert.Equal((3, ""), (ended.ExitCode, ended.Output));
        Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stack", "preview")]
    [InlineData("stack", "preview", "de-otc", "--all")]
    [InlineData("stack", "preview", "--all", "--against", "global.json")]
    public async Task What_is_asked_for_in_two_ways_or_in_none_is_wrong_use(params string[] arguments)
    {
        var ended = await Cplane.RunAsync(arguments);

        Assert.Equal((2, ""), (ended.ExitCode, ended.Output));
    }

    // What `pulumi stack export` would hold: provider references with ids, and defaults that providers fill in.
    private static string Exported(string preview)
    {
        var resources = JsonNode.Parse(preview)!["resources"]!.AsArray().Select(item => item!.DeepClone()).ToList();
        foreach (var item in resources.OfType<JsonObject>())
        {
            if (item["provider"]!.GetValue<string>() is { Length: > 0 } provider)
                item["provider"] = $"{provider}::an-id";
            else item.Remove("provider");
            var inputs = item["inputs"]!.AsObject();
            inputs["filledIn"] = true;
            inputs["__defaults"] = new JsonArray("filledIn");
        }

        return new JsonObject
        {
            ["version"] = 3,
            ["deployment"] = new JsonObject { ["resources"] = new JsonArray([.. resources]) },
        }.ToJsonString();
    }
}
