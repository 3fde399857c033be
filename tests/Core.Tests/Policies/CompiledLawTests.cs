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

            var compiled = rule.Compile(index);

            foreach (var cluster in fleet.Clusters)
            {
                var finding = rule.Judge(fleet, cluster, asOf);
                Assert.True(compiled.Contains(cluster.Index) == finding.Allowed, $"{rule} at {cluster}: {finding}");
                Assert.NotEmpty(finding.Because);
            }
        });
    }

    private static void Agree(Law law, LawSubject subject, DateTimeOffset asOf)
    {
        var compiled = law.LawfulClusters(subject, asOf);
        var interpreted = law.Fleet.Clusters
            .Where(cluster => law.Judge(cluster, subject, asOf).All(verdict => verdict.Result != VerdictResult.Denied))
            .Select(cluster => cluster.Id);

        Assert.Equal(interpreted, law.Fleet.Clusters.Where(cluster => compiled.Contains(cluster.Index)).Select(cluster => cluster.Id));
        Assert.Equal(compiled.Count, interpreted.Count());
    }
}
