using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Policies;

namespace ControlPlane.Core.Tests.Policies;

public sealed class CompiledLawTests
{
    [Fact]
    public void Compiled_law_equals_interpreted_law_for_every_cluster_subject_and_day()
    {
        Seeds.ForEach(2_000, dice =>
        {
            var fleet = RandomFleet.Of(dice, FleetSize.Middle).Fleet;
            var law = new Law(fleet, RandomLaw.Policies(dice, fleet, most: 6, percentCapacity: 0));
            var subjects = Enumerable.Range(0, 4).Select(_ => LawSubject.Of(RandomRequest.Of(dice, fleet))).ToList();

            // Days come in any order and again, so that what is remembered of one day must not colour another.
            for (var turn = 0; turn < 8; turn++)
            {
                var asOf = RandomFleet.Instant(dice);
                foreach (var subject in subjects) Agree(law, subject, asOf);
            }
        });
    }

    [Fact]
    public void A_rule_judges_as_it_compiles()
    {
        Seeds.ForEach(2_000, dice =>
        {
            var fleet = RandomFleet.Of(dice, FleetSize.Middle).Fleet;
            var asOf = RandomFleet.Instant(dice);
            var index = new LawIndex(fleet, asOf);
            var rule = RandomLaw.LawRule(dice, "rule");

            var subject = LawSubject.Of(RandomRequest.Of(dice, fleet));

            var compiled = rule.Compile(index, subject);

            foreach (var pool in fleet.Pools)
            {
                var finding = rule.Judge(new LawCase(fleet, pool, subject, asOf));
                Assert.True(compiled.Contains(pool.Index) == finding.Allowed, $"{rule} at {pool}: {finding}");
                Assert.NotEmpty(finding.Because);
            }
        });
    }

    private static void Agree(Law law, LawSubject subject, DateTimeOffset asOf)
    {
        var compiled = law.LawfulPools(subject, asOf);
        var interpreted = law.Fleet.Pools
            .Where(pool => law.Judge(pool, subject, asOf).All(verdict => verdict.Result != VerdictResult.Denied))
            .Select(pool => pool.Id);

        Assert.Equal(interpreted, law.Fleet.Pools.Where(pool => compiled.Contains(pool.Index)).Select(pool => pool.Id));
        Assert.Equal(compiled.Count, interpreted.Count());
    }
}
