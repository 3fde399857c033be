using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Reviews;

/// <summary>
/// Judges the cases of one file by the same decision engine that places workloads, under one policy alone.
/// </summary>
public sealed class CaseJudge
{
    private readonly CaseFile file;
    private readonly FixtureWorld fixture;
    private readonly Seq<Prepared> prepared;

    public CaseJudge(CaseFile file, Fleet declared)
    {
        this.file = file;
        fixture = FixtureWorld.Of(file.Cases, declared);
        prepared = file.Cases.Cases.Select(Prepare).ToSeq();
    }

    /// <summary>Runs every case whose name fits.</summary>
    public IEnumerable<CaseOutcome> Run(Policy policy, Func<string, bool> fits)
    {
        var law = LawOf(policy);
        for (var index = 0; index < prepared.Count; index++)
        {
            if (fits(prepared[index].Case.Case)) yield return OutcomeOf(policy, law, index);
        }
    }

    /// <summary>Whether a case tells this policy from one that does as expected; stops at the first.</summary>
    internal bool Notices(Policy changed)
    {
        var law = LawOf(changed);
        return Enumerable.Range(0, prepared.Count).Any(index => !OutcomeOf(changed, law, index).Passed);
    }

    private Law LawOf(Policy policy) => new(fixture.Fleet, PolicySet.None with { Policies = [policy] });

    private Prepared Prepare(PolicyCase item)
    {
        // Noon, so that no offset of the reader's own clock moves the day.
        var asOf = new DateTimeOffset((item.AsOf ?? file.Cases.AsOf).ToDateTime(new TimeOnly(12, 0)), TimeSpan.Zero);
        var pools = item.At.SelectMany(name => fixture.PoolsOf(name)).Select(pool => pool.Id).ToHashSet();
        return new(item, item.Workload.Request(), asOf, fixture.WorldOf(item, asOf), pools);
    }

    private CaseOutcome OutcomeOf(Policy policy, Law law, int index)
    {
        var (item, request, asOf, world, pools) = prepared[index];
        var matches = law.Applicable(LawSubject.Of(request), asOf).Any();
        var byPool = matches ? Said(law, index, policy.Id) : [];
        var standings = byPool.Select(pool => (pool.Pool, Actual: ActualOf(pool.Verdicts))).ToList();
        var actual = standings.Count == 0 ? ExpectedVerdict.Unmatched : standings[0].Actual;
        var verdicts = byPool.SelectMany(pool => pool.Verdicts).Distinct().ToSeq();
        return new CaseOutcome
        {
            Policy = policy.Id,
            File = file.Path,
            Line = file.LineOf(index),
            Case = item.Case,
            Expected = item.Expect,
            Actual = actual,
            Verdicts = verdicts,
            Differences = CaseDifferences.Find(item, policy.Id, standings, verdicts).ToSeq(),
        };
    }

    /// <summary>What the policy's own rules said, pool by pool.</summary>
    private List<(NodePoolId Pool, List<Verdict> Verdicts)> Said(Law law, int index, PolicyId policy)
    {
        var (item, request, asOf, world, pools) = prepared[index];
        var own = $"{policy}/";
        if (item.Move is { } move)
        {
            var from = fixture.PoolsOf(move.From).First().Id;
            return [.. pools.Order().Select(to => (to, OwnOf(
                Mobility.MayMove(law, move.Question(request, (from, to), asOf)))))];
        }

        return Placer.Explain(world, law, request, asOf).Trials
            .Where(trial => pools.Contains(trial.Pool))
            .Select(trial => (trial.Pool, OwnOf(trial.Verdicts)))
            .ToList();

        List<Verdict> OwnOf(IEnumerable<Verdict> verdicts) =>
            [.. verdicts.Where(verdict => verdict.Rule.StartsWith(own, StringComparison.Ordinal))];
    }

    private static ExpectedVerdict ActualOf(List<Verdict> verdicts)
    {
        if (verdicts.Exists(verdict => verdict.Result == VerdictResult.Denied)) return ExpectedVerdict.Denied;
        return verdicts.Exists(verdict => verdict.Result == VerdictResult.Advised) ? ExpectedVerdict.Advised
            : ExpectedVerdict.Allowed;
    }

    /// <summary>A case with all that does not depend on the policy.</summary>
    private sealed record Prepared(
        PolicyCase Case, PlacementRequest Request, DateTimeOffset AsOf, World World, HashSet<NodePoolId> Pools);
}
