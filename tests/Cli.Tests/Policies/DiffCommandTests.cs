using System.Diagnostics;
using System.Text.Json;
using ControlPlane.Files;

namespace ControlPlane.Cli.Tests.Policies;

public sealed class DiffCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public DiffCommandTests()
    {
        PolicyTree.Write(folder, "base");
        PolicyTree.Write(folder, "head", PolicyTree.Policy
            .Replace("allow: [EU]", "allow: [\"DE\"]", StringComparison.Ordinal));
        var ledger =
            new SmallLedger(SmallFleet.Files(), [new SourceFile("policies/eu/health.yaml", PolicyTree.Policy)]);
        ledger.Place(SmallLedger.Work("triage", "health", 2, "fr-one") with { AllowRegions = [new("fr-one")] });
        ledger.Place(SmallLedger.Work("records", "health", 1, "fr-one"));
        ledger.Place(SmallLedger.Work("imaging", "health", 1, "de-one"));
        ledger.Place(SmallLedger.Work("website", "public", 1, "us-one") with { AllowRegions = [new("us-one")] });
        folder.Write("ledger.jsonl", ledger.Text);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Names_what_becomes_unlawful_where_it_would_go_and_what_can_fail_over_no_more()
    {
        var ended = await DiffAsync("base", "head");

        Assert.Equal((1, ""), (ended.ExitCode, ended.Error));
        Golden.Check("tests/Cli.Tests/golden/policy-diff.txt", ended.Output);
    }

    [Fact]
    public async Task Comparing_the_same_gives_nothing_and_ends_with_zero()
    {
        var ended = await DiffAsync("base", "base");

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.StartsWith("EFFECT  nothing that runs is any different", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snapshot_tells_what_runs_as_the_ledger_does_and_needs_no_server()
    {
        var cplane = new Cplane { Directory = folder.Path, Url = "http://127.0.0.1:9" };
        string[] diff = ["policy", "diff", "base", "head", "--as-of", "2026-11-21", "-o", "json"];

        var written = await cplane.RunAsync(
            "ledger", "snapshot", "--file", "ledger.jsonl", "--output", "world.snapshot");
        var bySnapshot = await cplane.RunAsync([.. diff, "--snapshot", "world.snapshot"]);
        var byLedger = await cplane.RunAsync([.. diff, "--ledger", "ledger.jsonl", "--days", "0"]);
        var broken = await cplane.RunAsync([.. diff, "--snapshot", "ledger.jsonl"]);

        Assert.Equal((0, "state of position 6, 4 placements\n"), (written.ExitCode, written.Error));
        Assert.Equal((1, ""), (bySnapshot.ExitCode, bySnapshot.Error));
        foreach (var part in new[] { "newlyUnlawful", "failover", "capacity", "open" })
            Assert.Equal(PartOf(byLedger, part), PartOf(bySnapshot, part));
        Assert.Equal(3, broken.ExitCode);
        Assert.EndsWith("[ledger-broken]\n", broken.Error, StringComparison.Ordinal);

        static string PartOf(Ended ended, string part) =>
            JsonDocument.Parse(ended.Output).RootElement.GetProperty(part).GetRawText();
    }

    [Fact]
    public async Task A_region_that_goes_is_shown_like_a_law_that_changes()
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "smaller"));
        PolicyTree.Write(folder, "smaller");
        File.Delete(Path.Combine(folder.Path, "smaller", "regions", "us-one.yaml"));

        var ended = await DiffAsync("base", "smaller", "-o", "json");

        var effect = JsonDocument.Parse(ended.Output).RootElement;
        var change = effect.GetProperty("newlyUnlawful")[0];
        Assert.Equal(1, ended.ExitCode);
        Assert.Equal("displaced", change.GetProperty("after").GetProperty("kind").GetString());
        Assert.Equal("stranded", change.GetProperty("outlook").GetProperty("kind").GetString());
        Assert.Equal("us-one", effect.GetProperty("capacity")[0].GetProperty("region").GetString());
    }

    [Fact]
    public async Task Findings_stand_at_the_line_of_the_rule_and_keep_their_ids_when_lines_move()
    {
        var first = Results(await DiffAsync("base", "head", "-o", "sarif"));
        var text = PolicyTree.Policy.Replace("allow: [EU]", "allow: [\"DE\"]", StringComparison.Ordinal);
        PolicyTree.Write(folder, "moved", "# moved\n# down\n" + text);
        var moved = Results(await DiffAsync("base", "moved", "-o", "sarif"));

        Assert.Equal("placement-stranded", first[0].GetProperty("ruleId").GetString());
        Assert.Equal(("policies/eu/health.yaml", 11), PlaceOf(first[0]));
        Assert.Equal(("policies/eu/health.yaml", 13), PlaceOf(moved[0]));
        Assert.Equal(
            first[0].GetProperty("partialFingerprints").GetRawText(), moved[0]
                .GetProperty("partialFingerprints").GetRawText());
    }

    [Fact]
    public async Task The_comment_begins_with_the_line_by_which_it_is_found_again()
    {
        var ended = await DiffAsync("base", "head", "-o", "markdown");

        Assert.StartsWith("<!-- cplane policy diff -->\n### Effect on what runs: **2 placements", ended.Output,
            StringComparison.Ordinal);
        Golden.Check("tests/Cli.Tests/golden/policy-diff.md", ended.Output);
    }

    [Fact]
    public async Task Revisions_of_git_are_compared_as_well_as_folders()
    {
        var tree = PolicyTree.Write(folder, "repository");
        Git(tree, "init", "-q", "-b", "main");
        Git(tree, "add", "-A");
        Git(tree, "commit", "-q", "-m", "base");
        Git(tree, "checkout", "-q", "-b", "narrow");
        PolicyTree.Write(folder, "repository", PolicyTree.Policy
            .Replace("allow: [EU]", "allow: [\"DE\"]", StringComparison.Ordinal));
        Git(tree, "commit", "-q", "-am", "narrow");
        Task<Ended> Diff(string range) => new Cplane { Directory = tree }
            .RunAsync("policy", "diff", range, "--ledger", "../ledger.jsonl", "--as-of", "2026-11-21");

        var folders = await DiffAsync("base", "head");

        Assert.Equal(folders, await Diff("main..narrow"));
        Assert.Equal(folders, await Diff("main...narrow"));
        Assert.Equal(folders, await Diff("main.."));
        Assert.Equal(folders, await Diff("main"));
        Assert.Equal(3, (await Diff("nowhere..narrow")).ExitCode);
        Assert.Equal(2, (await new Cplane { Directory = tree }.RunAsync("policy", "diff", "--ledger", "x")).ExitCode);
    }

    [Fact]
    public async Task A_change_with_problems_is_not_compared()
    {
        PolicyTree.Write(folder, "broken", PolicyTree.Policy
            .Replace("allow: [EU]", "allow: [MARS]", StringComparison.Ordinal));

        var ended = await DiffAsync("base", "broken");

        Assert.Equal(3, ended.ExitCode);
        Assert.Contains("[country-unknown]", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_ledger_is_refused()
    {
        var lines = File.ReadAllLines(Path.Combine(folder.Path, "ledger.jsonl"));
        folder.Write("ledger.jsonl", string.Join('\n', lines.Where((_, index) => index != 3)) + "\n");

        var ended = await DiffAsync("base", "head");

        Assert.Equal(3, ended.ExitCode);
        Assert.Contains("[ledger-broken]", ended.Error, StringComparison.Ordinal);
    }

    private Task<Ended> DiffAsync(string left, string right, params string[] more) =>
        new Cplane { Directory = folder.Path }
        .RunAsync(["policy", "diff", left, right, "--ledger", "ledger.jsonl", "--as-of", "2026-11-21", .. more]);

    private static JsonElement Results(Ended ended) =>
        JsonDocument.Parse(ended.Output).RootElement.GetProperty("runs")[0].GetProperty("results");

    private static (string?, int) PlaceOf(JsonElement result)
    {
        var place = result.GetProperty("locations")[0].GetProperty("physicalLocation");
        return (place.GetProperty("artifactLocation").GetProperty("uri").GetString(), place.GetProperty("region")
            .GetProperty("startLine").GetInt32());
    }

    private static void Git(string folder, params string[] arguments)
    {
        string[] identity = ["-c", "user.name=Reviewer", "-c", "user.email=reviewer@example.org"];
        using var process =
            Process.Start(new ProcessStartInfo("git", [.. identity, .. arguments]) { WorkingDirectory = folder })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
