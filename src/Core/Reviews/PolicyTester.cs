using ControlPlane.Policies;
using ControlPlane.Regions;

namespace ControlPlane.Reviews;

/// <summary>Runs the cases of policies, and finds changes of the policies that no case notices.</summary>
public sealed class PolicyTester
{
    private readonly Dictionary<PolicyId, Policy> policies;
    private readonly Fleet fleet;
    private readonly Seq<(CaseFile File, CaseJudge Judge)> files;

    public PolicyTester(PolicySet policies, Fleet fleet, CaseFiles cases)
    {
        this.policies = policies.Policies.ToDictionary(policy => policy.Id);
        this.fleet = fleet;
        files = cases.Files.Select(file => (file, new CaseJudge(file, fleet))).ToSeq();
    }

    /// <summary>Runs the cases whose name fits.</summary>
    /// <param name="asked">Policies that are asked about; cases of others do not run.</param>
    /// <param name="fits">Tells by its name whether a case runs.</param>
    public CaseReport Run(Func<PolicyId, bool> asked, Func<string, bool> fits)
    {
        var outcomes = files.Where(item => asked(item.File.Cases.Policy))
            .SelectMany(item => item.Judge.Run(policies[item.File.Cases.Policy], fits))
            .ToSeq();
        var fired = outcomes
            .SelectMany(outcome => outcome.Verdicts
                .Where(verdict => verdict.Result is VerdictResult.Denied or VerdictResult.Advised)
                .Select(verdict => verdict.Rule)
                .Distinct())
            .CountBy(rule => rule)
            .ToDictionary(StringComparer.Ordinal);
        var judged = policies.Values.Where(policy => asked(policy.Id)).OrderBy(policy => policy.Id).ToList();
        var tested = files.Select(item => item.File.Cases.Policy).ToHashSet();
        return new CaseReport(
            outcomes,
            judged.SelectMany(policy => policy.Rules.Select(rule => $"{policy.Id}/{rule.Rule}"))
                .Order(StringComparer.Ordinal)
                .Select(rule => new RuleCoverage(rule, fired.GetValueOrDefault(rule)))
                .ToSeq(),
            judged.Select(policy => policy.Id).Where(id => !tested.Contains(id)).ToSeq());
    }

    /// <summary>
    /// Makes every small change of every policy asked about and tells which of them no case notices. The cases must
    /// pass on the policies as they are, else every change would seem to be noticed.
    /// </summary>
    public MutationReport Mutate(Func<PolicyId, bool> asked)
    {
        var fates = new List<MutantFate>();
        var stale = new List<StaleAcceptance>();
        foreach (var policy in policies.Values.Where(policy => asked(policy.Id)).OrderBy(policy => policy.Id))
        {
            var own = files.Where(item => item.File.Cases.Policy == policy.Id).ToList();
            var accepted = own
                .SelectMany(item => item.File.Cases.AcceptedSurvivors
                .Select((survivor, index) => (item.File, survivor, index))).ToList();
            var survivors = new HashSet<string>(StringComparer.Ordinal);
            foreach (var mutant in Mutants.Of(policy, fleet))
            {
                var noticed = own.Exists(item => item.Judge.Notices(mutant.Policy));
                if (!noticed) survivors.Add(mutant.Name);
                var reason = accepted.Find(item => item.survivor.Mutant == mutant.Name).survivor?.Reason;
                fates.Add(new MutantFate(policy.Id, mutant.Name, mutant.Path, noticed, noticed ? null : reason));
            }

            stale.AddRange(accepted.Where(item => !survivors.Contains(item.survivor.Mutant))
                .Select(item =>
                    new StaleAcceptance(item.File.Path, item.File.LineOfAccepted(item.index), item.survivor.Mutant)));
        }

        return new MutationReport(fates.ToSeq(), stale.ToSeq());
    }
}

/// <summary>What became of one small change of a policy.</summary>
/// <param name="Policy">The policy that was changed.</param>
/// <param name="Mutant">Name of the change.</param>
/// <param name="Path">Where in the policy's file.</param>
/// <param name="Killed">Whether a case noticed it.</param>
/// <param name="Accepted">Why it need not be noticed; null when nobody says so.</param>
public sealed record MutantFate(PolicyId Policy, string Mutant, string Path, bool Killed, string? Accepted)
{
    public bool IsOpen => !Killed && Accepted is null;
}

/// <summary>An accepted survivor that is none any more, or never was.</summary>
public sealed record StaleAcceptance(string File, int Line, string Mutant);

/// <summary>The fate of every small change of the policies.</summary>
public sealed record MutationReport(Seq<MutantFate> Fates, Seq<StaleAcceptance> Stale)
{
    public int KilledCount => Fates.Count(fate => fate.Killed);

    public int AcceptedCount => Fates.Count(fate => fate is { Killed: false, Accepted: not null });

    /// <summary>Changes that no case notices and nobody accepts.</summary>
    public Seq<MutantFate> Open => Fates.Where(fate => fate.IsOpen).ToSeq();
}
