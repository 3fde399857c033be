using System.CommandLine;
using System.Text.RegularExpressions;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;
using ControlPlane.Reviews;

namespace ControlPlane.Cli.Policies;

/// <summary>Runs the cases beside the policies, and asks whether they would notice a change of them.</summary>
internal static class TestCommand
{
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(1);

    public static Command Build(GlobalOptions global)
    {
        var path = new Argument<string>("PATH")
        {
            Description = "Tree, folder or file to test; . when left out",
            DefaultValueFactory = _ => ".",
        };
        var failOnly = new Option<bool>("--fail-only") { Description = "Show only what failed" };
        var requireTests = new Option<bool>("--require-tests") { Description = "A policy without a case is a failure" };
        var name = new Option<string?>("--run")
        {
            Description = "Run only cases whose name holds NAME; * stands for anything",
            HelpName = "NAME",
        };
        var mutate = new Option<bool>("--mutate")
        {
            Description =
                "Also change every condition of every policy in turn; a change that no case notices is a failure",
        };
        var command = new Command("test", "Run the cases beside the policies; needs no server")
        {
            path, failOnly, requireTests, name, mutate,
        };
        global.Let(command, [OutputFormat.Markdown, OutputFormat.Junit, OutputFormat.Sarif], (run, _) =>
            Task.FromResult(Test(run, new TestQuestion
        {
            Scope = CheckScope.Of(run.Get(path)!),
            FailOnly = run.Get(failOnly),
            RequireTests = run.Get(requireTests),
            Name = run.Get(name),
            Mutate = run.Get(mutate),
        })));
        return command;
    }

    private static int Test(CommandRun run, TestQuestion question)
    {
        if (question is { Mutate: true, Name: not null })
            throw CommandFailure.Usage("--mutate needs every case; leave --run out");
        var tree = ReviewTree.Read(question.Scope.Root);
        var cases = CaseFiles.Parse(tree.PolicyFiles, tree.Policies, tree.Fleet);
        if (!cases.IsValid) throw new CommandFailure(cases.Problems);
        var asked = AskedPolicies(question.Scope, tree, cases.Value);
        var tester = new PolicyTester(tree.Policies, tree.Fleet, cases.Value);
        var report = tester.Run(asked.Contains, Fits(question.Name));
        if (question.Name is { } name && report.Outcomes.Count == 0)
            throw CommandFailure.Input("not-found", $"no case has '{name}' in its name");
        // With a case that fails every change would seem to be noticed.
        var mutation = question.Mutate && report.FailedCount == 0 ? tester.Mutate(asked.Contains) : null;
        var finding = new TestFinding(question, report, mutation, tree.Places);
        TestReport.Print(run, finding);
        return finding.Ok ? ExitCode.Ok : ExitCode.No;
    }

    /// <summary>Policies of which the file, or a file of cases, was asked for.</summary>
    private static HashSet<PolicyId> AskedPolicies(CheckScope scope, ReviewTree tree, CaseFiles cases)
    {
        if (!scope.Touches(CheckScope.Policies))
            throw CommandFailure.Input("file-unexpected", $"there are no policies in {scope.Part}");
        return
        [
            .. tree.Policies.Policies.Select(policy => policy.Id)
                .Where(id => tree.Places.OfPolicy(id) is { } place && scope.Covers(place.File)),
            .. cases.Files.Where(file => scope.Covers(file.Path)).Select(file => file.Cases.Policy),
        ];
    }

    private static Func<string, bool> Fits(string? name)
    {
        if (name is null) return _ => true;
        var pattern = string.Join(".*", name.Split('*').Select(Regex.Escape));
        var regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, LongestMatch);
        return regex.IsMatch;
    }
}

/// <summary>What was asked to be tested, and how.</summary>
internal sealed record TestQuestion
{
    public required CheckScope Scope { get; init; }
    public required bool FailOnly { get; init; }
    public required bool RequireTests { get; init; }
    public required string? Name { get; init; }
    public required bool Mutate { get; init; }
}

/// <summary>What testing found.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Cases">What became of the cases.</param>
/// <param name="Mutation">What became of the changes; null when they were not made.</param>
/// <param name="Places">Where the policies stand.</param>
internal sealed record TestFinding(TestQuestion Question, CaseReport Cases, MutationReport? Mutation,
    PolicyPlaces Places)
{
    public bool Ok =>
        Cases.FailedCount == 0
        && (!Question.RequireTests || Cases.Untested.Count == 0)
        && Mutation is not ({ Open.Count: > 0 } or { Stale.Count: > 0 });

    /// <summary>Outcomes that were asked to be shown.</summary>
    public IEnumerable<CaseOutcome> Shown => Cases.Outcomes.Where(outcome => !Question.FailOnly || !outcome.Passed);
}
