using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Policies;
using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Policies;

public sealed class CompiledLawTests
{
    /// <summary>Pools judged, each for one policy set, one workload and one day.</summary>
    private const int LeastTriples = 100_000;

    [Fact]
    public void Compiled_law_equals_interpreted_law_for_every_cluster_subject_and_day()
    {
        var triples = 0;
        Seeds.ForEach(2_000, dice => triples += Disagreements(dice, rule => rule, Assert.Fail));
        Assert.True(triples >= LeastTriples || Alone, $"only {triples} triples were judged");
    }

    [Theory]
    [InlineData(Mutation.Inverted)]
    [InlineData(Mutation.AllowsAll)]
    [InlineData(Mutation.ForgetsTheSubject)]
    [InlineData(Mutation.OneDayLate)]
    public void A_rule_that_compiles_wrongly_is_found(Mutation mutation)
    {
        var found = 0;
        Seeds.ForEach(200, dice => Disagreements(dice, rule => new Miscompiled(rule, mutation), _ => found++));
        Assert.True(found > 0 || Alone);
    }

    [Fact]
    public void A_rule_judges_as_it_compiles()
    {
        var kinds = new HashSet<Type>();
        Seeds.ForEach(4_000, dice =>
        {
            var fleet = RandomFleet.Of(dice, FleetSize.Middle).Fleet;
            var asOf = RandomFleet.Instant(dice);
            var index = new LawIndex(fleet, asOf);
            var rule = RandomRules.LawRule(dice, fleet, "rule");
            kinds.Add(rule.GetType());
            var subject = LawSubject.Of(RandomRequest.Of(dice, fleet));

            var compiled = rule.Compile(index, subject);

            foreach (var pool in fleet.Pools)
            {
                var finding = rule.Judge(new LawCase(fleet, pool, subject, asOf));
                Assert.True(compiled.Contains(pool.Index) == finding.Allowed, $"{rule} at {pool}: {finding}");
                Assert.NotEmpty(finding.Because);
            }
        });
        Assert.True(
            Alone || KindCases.All.Keys.Where(kind => kind.IsAssignableTo(typeof(LawRule))).All(kinds.Contains),
            $"only {string.Join(", ", kinds.Select(kind => kind.Name))} were tried");
    }

    private static bool Alone => Environment.GetEnvironmentVariable("CPLANE_SEED") is not null;

    /// <summary>Judges one random policy set both ways for some workloads on some days; answers how many
    /// triples.</summary>
    private static int Disagreements(Dice dice, Func<LawRule, LawRule> plant, Action<string> report)
    {
        var fleet = RandomFleet.Of(dice, FleetSize.Middle).Fleet;
        var policies = RandomLaw.Policies(dice, fleet, most: 6, percentCapacity: 20);
        var planted = policies with { Policies = policies.Policies.Select(policy => Plant(policy, plant)).ToSeq() };
        // Now and then another set is ahead in some regions.
        var law = new Law(fleet, dice.Chance(70) ? planted : Staged(dice, fleet, planted, plant));
        var subjects = Enumerable.Range(0, 4).Select(_ => LawSubject.Of(RandomRequest.Of(dice, fleet))).ToList();
        var triples = 0;

        // Days come in any order and again, so that what is remembered of one day must not colour another.
        for (var turn = 0; turn < 8; turn++)
        {
            var asOf = RandomFleet.Instant(dice);
            foreach (var subject in subjects)
            {
                var compiled = law.LawfulPools(subject, asOf);
                foreach (var pool in fleet.Pools)
                {
                    triples++;
                    var verdicts = law.Judge(pool, subject, asOf);
                    var denied = verdicts.Where(verdict => verdict.Result == VerdictResult.Denied).ToList();
                    if (compiled.Contains(pool.Index) == (denied.Count == 0)) continue;
                    report($"{pool} on {asOf:O} for {subject}: compiled {compiled.Contains(pool.Index)}, "
                    + $"{denied.FirstOrDefault()}");
                }
            }
        }

        return triples;
    }

    private static PolicySet Staged(Dice dice, Fleet fleet, PolicySet planted, Func<LawRule, LawRule> plant)
    {
        var ahead = RandomLaw.Policies(dice, fleet, most: 4, percentCapacity: 20);
        var regions = dice.AtLeastOne([.. fleet.Regions.Select(region => region.Id)], 3).Distinct().ToSeq();
        return PolicyStages.Combine(planted, [new(regions, ahead with
        {
            Policies = ahead.Policies.Select(policy => Plant(policy, plant))
                .Concat(planted.Policies.Where(_ => dice.Chance(50))).ToSeq(),
        })]);
    }

    private static Policy Plant(Policy policy, Func<LawRule, LawRule> plant) => policy with
    {
        Rules = policy.Rules.Select(rule => rule is LawRule law ? plant(law) : rule).ToSeq(),
    };

    /// <summary>How a rule can be compiled wrongly.</summary>
    public enum Mutation
    {
        Inverted,
        AllowsAll,
        ForgetsTheSubject,
        OneDayLate,
    }

    /// <summary>Judges as the rule does and compiles to something else.</summary>
    private sealed record Miscompiled : LawRule
    {
        private readonly LawRule rule;
        private readonly Mutation mutation;

        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public Miscompiled(LawRule rule, Mutation mutation) =>
            (this.rule, this.mutation, Rule) = (rule, mutation, rule.Rule);

        public override string Reason => rule.Reason;

        public override bool LooksAtSubject => rule.LooksAtSubject;

        public override LawFinding Judge(LawCase at) => mutation == Mutation.OneDayLate
            ? rule.Judge(at with { AsOf = at.AsOf.AddDays(1) })
            : rule.Judge(at);

        public override PoolSet Compile(LawIndex index, LawSubject subject) => mutation switch
        {
            Mutation.Inverted => rule.Compile(index, subject).Not(),
            Mutation.AllowsAll => index.All,
            Mutation.ForgetsTheSubject => rule.Compile(index, Forgotten(subject)),
            _ => rule.Compile(index, subject),
        };

        public override IEnumerable<Problem> Check(Fleet fleet, string path) => [];

        private static LawSubject Forgotten(LawSubject subject) =>
            new() { Tenant = subject.Tenant, DataClass = subject.DataClass, Kind = subject.Kind };
    }
}
