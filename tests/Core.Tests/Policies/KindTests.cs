using System.Globalization;
using ControlPlane.Files;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Policies;

/// <summary>Holds every kind of rule to its golden cases at every point at which it says that it bites.</summary>
public sealed class KindTests
{
    /// <summary>What shows at each point that a rule denies; a point without a row fails every rule that names
    /// it.</summary>
    private static readonly Dictionary<EnforcementPoints, Func<PolicySet, PlacementRequest, Seq<Verdict>>> Bites =
        new()
        {
            [EnforcementPoints.Placement] = AtPlacement,
            [EnforcementPoints.Plan] = AtPlan,
            [EnforcementPoints.Audit] = AtAudit,
            [EnforcementPoints.Move] = AtMove,
            [EnforcementPoints.Diff] = AtDiff,
            [EnforcementPoints.Preemption] = AtPreemption,
        };

    public static TheoryData<string, int> Cases()
    {
        var data = new TheoryData<string, int>();
        foreach (var (kind, cases) in KindCases.All.OrderBy(item => item.Key.Name, StringComparer.Ordinal))
        {
            for (var index = 0; index < cases.Length; index++) data.Add(kind.Name, index);
        }

        return data;
    }

    public static TheoryData<string, string, string> Misconfigured()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var bad in KindCases.All.Values.SelectMany(cases => cases).SelectMany(item => item.Misconfigured))
            data.Add(bad.Rule, bad.Slug, bad.Path);
        return data;
    }

    [Fact]
    public void Every_kind_is_listed_and_has_cases_of_all_three_sorts()
    {
        var kinds = typeof(PolicyRule).Assembly.GetTypes()
            .Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(PolicyRule)))
            .OrderBy(type => type.Name, StringComparer.Ordinal).ToList();
        var listed = typeof(PolicyRule).GetCustomAttributes(inherit: false).OfType<FileCasesAttribute>().Single();

        Assert.Equal(kinds, KindCases.All.Keys.OrderBy(type => type.Name, StringComparer.Ordinal));
        Assert.Equal(kinds, listed.Cases.OrderBy(type => type.Name, StringComparer.Ordinal));
        Assert.All(KindCases.All.Values, cases => Assert.Contains(cases, item => item.Misconfigured.Length > 0));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Bites_at_every_point_it_names_and_lets_in_what_it_allows(string kind, int index)
    {
        var given = CaseOf(kind, index);
        var (binding, advising, disabled) = (Of(given.Rule), Of(given.Rule, "advisory"), Of(given.Rule, "disabled"));
        var points = binding.Policies[0].Rules[0].Points;

        Assert.NotEqual(EnforcementPoints.None, points);
        foreach (var point in Enum.GetValues<EnforcementPoints>().Where(point => long.IsPow2((long)point)))
        {
            if (!points.HasFlag(point)) continue;
            Assert.True(Bites.TryGetValue(point, out var denials), $"{kind} names {point}, where nothing enforces it");
            Assert.Empty(denials(PolicySet.None, given.Forbidden));
            Assert.Empty(denials(binding, given.Allowed));
            Assert.Empty(denials(advising, given.Forbidden));
            Assert.Empty(denials(disabled, given.Forbidden));
            Assert.True(denials(binding, given.Forbidden).Count > 0, $"{kind} does not bite at {point}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Names_rule_and_reason_and_says_what_it_would_do_when_it_only_advises(string kind, int index)
    {
        var given = CaseOf(kind, index);
        var (set, advising) = (Of(given.Rule), Of(given.Rule, "advisory"));
        if (set.Policies[0].Rules[0] is not (LawRule or CapacityRule or SpreadRule)) return;

        Assert.Contains(
            AtPlan(set, given.Forbidden), verdict => (verdict.Rule, verdict.Reason) == ("p/r", given.Reason));
        Assert.Contains(
            Plan(advising, given.Forbidden),
            verdict => (verdict.Rule, verdict.Reason, verdict.Result) == ("p/r", given.Reason, VerdictResult.Advised));
    }

    [Theory]
    [MemberData(nameof(Misconfigured))]
    public void Is_refused_when_it_is_misconfigured(string rule, string slug, string path)
    {
        var problems = Parse(rule).Problems;

        Assert.Equal([(slug, path)], problems.Select(problem => (problem.Slug, problem.Path)));
        Assert.All(problems, problem => Assert.True(problem.Line > 1 && problem.Message.Length > 0));
    }

    private static KindCase CaseOf(string kind, int index) =>
        KindCases.All.Single(item => item.Key.Name == kind).Value[index];

    private static PolicySet Of(string rule, string enforcement = "mandatory") => Parse(rule, enforcement).Value;

    private static Checked<PolicySet> Parse(string rule, string enforcement = "mandatory") => PolicyFiles.Parse(
        [
            new("policies/p.yaml", string.Create(CultureInfo.InvariantCulture, $$"""
                schemaVersion: 1
                id: p
                because: It is so.
                source: {law: Law}
                owner: owner
                validFrom: 2026-01-01
                enforcement: {{enforcement}}
                match: {everything: true}
                rules:
                  - {rule: r, {{rule}}}
                """)),
        ],
        KindFleet.Fleet);

    private static Seq<Verdict> AtPlacement(PolicySet policies, PlacementRequest request)
    {
        var decision = Placer.Decide(KindFleet.World(), new Law(KindFleet.Fleet, policies), request, KindFleet.Now);
        return decision is Refused refused
            ? [new Verdict(VerdictKind.Law, refused.Reason, "decision", VerdictResult.Denied, "refused")]
            : [];
    }

    private static Seq<Verdict> AtPlan(PolicySet policies, PlacementRequest request)
    {
        var world = KindFleet.World();
        var explained = Placer.Explain(world, new Law(KindFleet.Fleet, policies), request, KindFleet.Now);
        return explained.Decision is Refused ? Denied(explained.Trials.SelectMany(trial => trial.Verdicts)) : [];
    }

    private static Seq<Verdict> Plan(PolicySet policies, PlacementRequest request) => Placer
        .Explain(KindFleet.World(), new Law(KindFleet.Fleet, policies), request, KindFleet.Now)
        .Trials.SelectMany(trial => trial.Verdicts).ToSeq();

    private static Seq<Verdict> AtAudit(PolicySet policies, PlacementRequest request)
    {
        var (world, law) = (KindFleet.World(), new Law(KindFleet.Fleet, policies));
        var running = KindFleet.Running(world, Spread(request, policies));
        world.Add(running);
        var denied = Denied(law.JudgeRunning(running, KindFleet.Now));
        Assert.Equal(denied.Count == 0, law.IsLawful(running, KindFleet.Now));
        Assert.Equal(
            denied.Count > 0 ? [running] : [], LawAudit.At(world, law, KindFleet.Now).Select(item => item.Placement));
        return denied;
    }

    private static Seq<Verdict> AtMove(PolicySet policies, PlacementRequest request)
    {
        var running = KindFleet.Running(KindFleet.World(), request);
        var move = new MoveQuestion(running, running.Units[0].Node.Pool, MoveKind.Failover, [], KindFleet.Now);
        return Denied(Mobility.MayMove(new Law(KindFleet.Fleet, policies), move));
    }

    /// <summary>Work that ends when the fleet is full and something more urgent comes.</summary>
    private static Seq<Verdict> AtPreemption(PolicySet policies, PlacementRequest running)
    {
        var (world, law) = (KindFleet.World(), new Law(KindFleet.Fleet, policies));
        world.Add(KindFleet.Running(world, running));
        var filler = KindFleet.Request with
        {
            RunClass = RunClass.Sticky, Unit = new UnitNeed { Accelerators = 1, CpuMilli = 0, MemoryMib = 0 },
        };
        for (var number = 2; Placer.Decide(world, new Law(KindFleet.Fleet, PolicySet.None), filler, KindFleet.Now)
            is Placed; number++)
            world.Add(KindFleet.Running(world, filler, number));
        var urgent = KindFleet.Request with { Priority = 900 };
        return Placer.Decide(world, law, urgent, KindFleet.Now) is Placed { Preempted.Count: > 0 }
            ? [new Verdict(VerdictKind.Capacity, ReasonCode.Preempts, "decision", VerdictResult.Denied, "ended")]
            : [];
    }

    /// <summary>What the audits under no law and under this one differ in.</summary>
    private static Seq<Verdict> AtDiff(PolicySet policies, PlacementRequest request)
    {
        var running = KindFleet.Running(KindFleet.World(), Spread(request, policies));
        var (before, after) = (new Law(KindFleet.Fleet, PolicySet.None), new Law(KindFleet.Fleet, policies));
        Assert.True(before.IsLawful(running, KindFleet.Now));
        return Denied(after.JudgeRunning(running, KindFleet.Now));
    }

    /// <summary>Work that asks by itself for what the rule demands, so that what is allowed runs as demanded.</summary>
    private static PlacementRequest Spread(PlacementRequest request, PolicySet policies)
    {
        if (policies.Policies.Count == 0 || policies.Policies[0].Rules[0] is not SpreadRule rule) return request;
        return rule.Judge(request).Allowed ? rule.Raise(request) : request;
    }

    private static Seq<Verdict> Denied(IEnumerable<Verdict> verdicts) =>
        verdicts.Where(verdict => verdict.Result == VerdictResult.Denied).ToSeq();
}
