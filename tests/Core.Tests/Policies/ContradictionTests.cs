using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Policies;

namespace ControlPlane.Core.Tests.Policies;

public sealed class ContradictionTests
{
    [Fact]
    public void Clauses_that_exclude_each_other_are_named_and_no_others()
    {
        var found = 0;
        Seeds.ForEach(4_000, dice =>
        {
            var fleet = RandomFleet.Of(dice, FleetSize.Middle).Fleet;
            var (law, asOf) = (new Law(fleet, PolicySet.None), RandomFleet.Instant(dice));
            var subject = LawSubject.Of(RandomRequest.Of(dice, fleet)) with
            {
                Residency = dice.Some(RandomFleet.Countries, 2),
                ExcludeAccessLaws = dice.Some(RandomFleet.AccessLaws, 1),
                AllowRegions = dice.Some([.. fleet.Regions.Select(region => region.Id)], 1),
            };

            var named = law.ContradictingClauses(subject, asOf);

            if (named.Count == 0) return;
            found++;
            Assert.True(named.Count > 1);
            Assert.Equal(0, law.LawfulPools(Only(subject, [.. named]), asOf).Count);
            foreach (var clause in named)
                Assert.NotEqual(
                    0, law.LawfulPools(Only(subject, [.. named.Where(other => other != clause)]), asOf).Count);
        });
        Assert.True(found > 0 || Environment.GetEnvironmentVariable("CPLANE_SEED") is not null);
    }

    private static LawSubject Only(LawSubject subject, string[] clauses) => subject with
    {
        Residency = clauses.Contains("request/residency") ? subject.Residency : [],
        ExcludeAccessLaws = clauses.Contains("request/excludeAccessLaws") ? subject.ExcludeAccessLaws : [],
        AllowRegions = clauses.Contains("request/regions") ? subject.AllowRegions : [],
        DenyRegions = clauses.Contains("request/regions") ? subject.DenyRegions : [],
    };
}
