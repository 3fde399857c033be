using ControlPlane.Policies;

namespace ControlPlane.Reviews;

/// <summary>What a policy said in a case, beside what was expected.</summary>
public sealed record CaseOutcome
{
    public required PolicyId Policy { get; init; }

    /// <summary>File of the case.</summary>
    public required string File { get; init; }

    public required int Line { get; init; }

    public required string Case { get; init; }

    public required ExpectedVerdict Expected { get; init; }

    public required ExpectedVerdict Actual { get; init; }

    /// <summary>
    /// Everything the policy said at the places of the case; empty when it is not about the workload.
    /// </summary>
    public required Seq<Verdict> Verdicts { get; init; }

    /// <summary>What is not as expected, in sentences; empty when all is.</summary>
    public required Seq<string> Differences { get; init; }

    public bool Passed => Differences.Count == 0;
}

/// <summary>A rule and whether some case made it keep a workload out.</summary>
/// <param name="Rule">Policy and rule, such as <c>eu-health/stays-in-the-eu</c>.</param>
/// <param name="Fired">Cases in which the rule denied or advised.</param>
public sealed record RuleCoverage(string Rule, int Fired);

/// <summary>All outcomes of the cases that ran, and what they leave untried.</summary>
/// <param name="Outcomes">In the order of files and cases.</param>
/// <param name="Rules">Every rule of the policies asked about, ordered by name.</param>
/// <param name="Untested">Policies without a case.</param>
public sealed record CaseReport(Seq<CaseOutcome> Outcomes, Seq<RuleCoverage> Rules, Seq<PolicyId> Untested)
{
    public int PassedCount => Outcomes.Count(outcome => outcome.Passed);

    public int FailedCount => Outcomes.Count - PassedCount;

    /// <summary>Rules that no case made fire.</summary>
    public Seq<string> NeverFired => Rules.Where(rule => rule.Fired == 0).Select(rule => rule.Rule).ToSeq();
}
