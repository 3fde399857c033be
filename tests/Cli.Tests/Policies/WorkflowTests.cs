using System.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace ControlPlane.Cli.Tests.Policies;

/// <summary>
/// The files for build servers: that they are YAML, and that every command in them does what it is there for.
/// </summary>
public sealed class WorkflowTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Every_command_of_the_GitHub_workflow_runs()
    {
        var steps = (YamlSequenceNode)Load(".github/workflows/policies.yaml")["jobs"]["review"]["steps"];
        var commands = steps.OfType<YamlMappingNode>().Where(step => step.Children.ContainsKey("run"))
            .Select(step => $"{step["run"]}").ToList();

        var ended = await RunAsync(commands, "${{ steps.diff.outputs.status }}");

        Assert.Equal((1, ""), (ended.ExitCode, ended.Error));
        Assert.StartsWith("<!-- cplane policy diff -->",
            File.ReadAllText(Path.Combine(folder.Path, "tree", "comment.md")), StringComparison.Ordinal);
        Assert.Equal("status=1\n", File.ReadAllText(Path.Combine(folder.Path, "output")));
        Assert.Equal(
            ["api graphql", "api --paginate repos/o/r/issues/7/comments",
                "api --method POST repos/o/r/issues/7/comments"],
            File.ReadAllLines(Path.Combine(folder.Path, "gh.log")));
    }

    [Fact]
    public async Task Every_command_of_the_GitLab_example_runs()
    {
        var script = (YamlSequenceNode)Load("docs/how-to/ci/gitlab-ci.yml")["policies"]["script"];

        var ended = await RunAsync(script.Select(line => $"{line}").ToList(), "unused");

        Assert.Equal((1, ""), (ended.ExitCode, ended.Error));
        Assert.Contains("EFFECT  2 placements would become unlawful", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_run_edits_the_comment_of_the_first()
    {
        folder.Write("comment.md", "<!-- cplane policy diff -->\nnew\n");
        Shim("echo 42");

        var ended = await ShellAsync($"'{Checkout.Root}/.ci/comment' o/r 7 comment.md", folder.Path);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.Equal("api --method PATCH repos/o/r/issues/comments/42",
            File.ReadAllLines(Path.Combine(folder.Path, "gh.log"))[^1]);
    }

    /// <summary>
    /// Runs the commands one after the other, as a job does, in a repository whose newest commit narrows a rule.
    /// </summary>
    private async Task<Ended> RunAsync(List<string> commands, string statusExpression)
    {
        var tree = PolicyTree.Write(folder);
        var ledger = new SmallLedger(SmallFleet.Files(), [new("policies/eu/health.yaml", PolicyTree.Policy)]);
        ledger.Place(SmallLedger.Work("triage", "health", 2, "fr-one") with { AllowRegions = [new("fr-one")] });
        ledger.Place(SmallLedger.Work("records", "health", 1, "fr-one"));
        folder.Write("export.jsonl", ledger.Text);
        Shim(":");
        const string Git = "git -c user.name=Reviewer -c user.email=reviewer@example.org";
        const string Narrowed =
            "sed -i 's/allow: \\[EU\\]/allow: [\"DE\"]/' policies/eu/health.yaml; "
            + "sed -i 's/us-one-a-h100/fr-one/' policies/eu/health.test.yaml";
        var text = string.Join('\n', commands)
            .Replace("./cplane ledger export", "cat ../export.jsonl", StringComparison.Ordinal)
            .Replace("./cplane", "cplane", StringComparison.Ordinal)
            .Replace(".ci/comment", $"'{Checkout.Root}/.ci/comment'", StringComparison.Ordinal)
            .Replace(statusExpression, "\"$(sed s/status=// ../output)\"", StringComparison.Ordinal);
        var prepared =
            await ShellAsync(
            $"{Git} init -q -b main && {Git} add -A && {Git} commit -q -m base && "
            + $"{Narrowed} && {Git} commit -q -am narrow", tree);
        Assert.Equal((0, ""), (prepared.ExitCode, prepared.Error));
        return await ShellAsync(
            $"cplane() {{ dotnet '{Cplane.Library}' \"$@\"; }}\nset -e\n"
            + "export BASE=HEAD~1 HEAD=HEAD NUMBER=7 REPOSITORY=o/r CPLANE_URL=http://x "
            + $"GITHUB_STEP_SUMMARY=../summary GITHUB_OUTPUT=../output\n{text}", tree);
    }

    /// <summary>
    /// Stands in for GitHub's client: notes what it is asked, and answers the list of comments as told.
    /// </summary>
    private void Shim(string comments)
    {
        var path = folder.Write("bin/gh", $"""
            #!/usr/bin/env bash
            case "$2" in
              graphql) echo "api graphql" >> '{folder.Path}/gh.log'; echo bot ;;
              --paginate) echo "api $2 $3" >> '{folder.Path}/gh.log'; {comments} ;;
              *) echo "api $2 $3 $4" >> '{folder.Path}/gh.log' ;;
            esac
            """);
        using var permit = Process.Start("chmod", ["+x", path]);
        permit.WaitForExit();
    }

    private async Task<Ended> ShellAsync(string line, string directory)
    {
        var start = new ProcessStartInfo("bash", ["-c", line])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory,
        };
        start.Environment["PATH"] = $"{folder.Path}/bin:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return new Ended(process.ExitCode, await output, (await error)
            .Replace("checked 10 files: nothing wrong\n", "", StringComparison.Ordinal));
    }

    private static YamlNode Load(string path)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Path.Combine(Checkout.Root, path))));
        return stream.Documents[0].RootNode;
    }
}
