using System.Text;

namespace ControlPlane.Cli.Tests.Policies;

/// <summary>
/// Runs a pull request that narrows a class of data from its first commit to its rollback, and holds what the commands
/// say against the transcript in the documentation.
/// </summary>
public sealed class TranscriptTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringBuilder transcript = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_transcript_is_what_the_commands_say()
    {
        var tree = Prepare();
        await QuietAsync(tree, "git init -q -b main; git add -A; git commit -q -m 'policies: as they were'");
        Say("""
            # A change of a policy, from the pull request to the rollback

            The fleet has a region in Germany, one in France and one in the United States; four workloads run. Somebody
            wants health data to stay in Germany instead of in the EU. Everything below is what the commands print; a test
            runs them again and compares.

            ## The change

            """);
        await QuietAsync(tree, "cplane policy test -o json > ../before.json");
        await QuietAsync(tree,
            "git checkout -q -b narrow; sed -i 's/allow: \\[EU\\]/allow: [\"DE\"]/' policies/eu/health.yaml");
        await RunAsync(tree, "git diff -U0 policies | tail -n 3", "diff");
        Say("The cases beside the policy notice that it is another one now:\n");
        await QuietAsync(tree,
            "sed -i 's/at: \\[de-one\\]/at: [de-one, fr-one]/' policies/eu/health.test.yaml; git commit -qam narrow");
        await RunAsync(tree, "cplane policy test --fail-only", "text");
        Say("So the pull request changes the case as well, and every change of a condition is still noticed:\n");
        await QuietAsync(tree,
            "sed -i 's/at: \\[de-one, fr-one\\]/at: [de-one]/; s/us-one-a-h100/fr-one/' policies/eu/health.test.yaml");
        await QuietAsync(tree, "git commit -qam 'policies: health data stays in Germany'");
        await RunAsync(tree, "cplane policy test --mutate --fail-only", "text");
        Say("## The comment\n\nThis is what `-o markdown` writes, and how it reads in the pull request:\n");
        await RunAsync(tree,
            "cplane policy diff main...narrow --ledger ../ledger.jsonl --as-of 2026-11-21 -o markdown", "");
        Say("## Merged\n\nThe branch is merged. Between it and main nothing is left to say:\n");
        await QuietAsync(tree, "git checkout -q main; git merge -q --no-ff -m 'Merge narrow' narrow");
        await RunAsync(tree, "cplane policy diff narrow..main --ledger ../ledger.jsonl --as-of 2026-11-21", "text");
        Say("""
            ## Rolled back

            The merge is reverted. The set of policies has the digest it had before the change, nothing that runs stands
            differently, and what the policies say in every case, with every verdict and its reasons, is the same to the byte:

            """);
        await QuietAsync(tree, "git revert --no-edit -m 1 HEAD");
        await RunAsync(tree, "cplane policy diff main~2..main --ledger ../ledger.jsonl --as-of 2026-11-21", "text");
        await RunAsync(tree, "cplane policy diff main~2..main --ledger ../ledger.jsonl --as-of 2026-11-21 -o json "
            + "| grep -E 'PolicyDigest|stillUnlawful|\"same\"|\"judged\"'", "text");
        await QuietAsync(tree, "cplane policy test -o json > ../after.json");
        await RunAsync(tree, "cmp ../before.json ../after.json && echo the same bytes", "text");
        await RunAsync(tree, "cplane ledger verify --replay --file ../ledger.jsonl | head -n 3", "text");

        Golden.Check("docs/how-to/change-a-policy.md", transcript.ToString().TrimEnd('\n') + "\n");
    }

    private string Prepare()
    {
        var ledger = new SmallLedger(SmallFleet.Files(), [new("policies/eu/health.yaml", PolicyTree.Policy)]);
        ledger.Place(SmallLedger.Work("triage", "health", 2, "fr-one") with { AllowRegions = [new("fr-one")] });
        ledger.Place(SmallLedger.Work("records", "health", 1, "fr-one"));
        ledger.Place(SmallLedger.Work("imaging", "health", 1, "de-one"));
        ledger.Place(SmallLedger.Work("website", "public", 1, "us-one") with { AllowRegions = [new("us-one")] });
        folder.Write("ledger.jsonl", ledger.Text);
        return PolicyTree.Write(folder);
    }

    private void Say(string text) => transcript.Append(text.TrimEnd('\n')).Append("\n\n");

    private static async Task QuietAsync(string tree, string line)
    {
        var ended = await ShellAsync(tree, $"set -e; {line}");
        Assert.True(ended.ExitCode == 0, $"{line}: {ended.Error}");
    }

    /// <summary>
    /// Shows a command with what it prints; markdown stands as it is, so that it is read as it is rendered.
    /// </summary>
    private async Task RunAsync(string tree, string line, string language)
    {
        var ended = await ShellAsync(tree, line);
        Say($"    $ {line}");
        Say(language.Length == 0 ? ended.Output : $"```{language}\n{ended.Output.TrimEnd('\n')}\n```");
    }

    private static Task<Ended> ShellAsync(string tree, string line) => new Cplane
    {
        Directory = tree,
        Environment = new Dictionary<string, string>
        {
            ["GIT_AUTHOR_NAME"] = "Reviewer", ["GIT_AUTHOR_EMAIL"] = "reviewer@example.org",
            ["GIT_COMMITTER_NAME"] = "Reviewer", ["GIT_COMMITTER_EMAIL"] = "reviewer@example.org",
        },
    }.ShellAsync(line);
}
