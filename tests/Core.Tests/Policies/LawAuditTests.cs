using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Policies;

public sealed class LawAuditTests
{
    private static readonly DateTimeOffset Until = new(2027, 12, 31, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_will_become_unlawful_says_when_why_and_until_when_it_may_stay()
    {
        var certified = Policy(
            "certified", new CertificationRule { Rule = "c5", AnyOf = ["BSI_C5"] }) with { RemedyDays = 30 };
        var transfer = Policy("transfer", new TransferRule
        {
            Rule = "basis", From = new("EU"), Accept = [TransferBasisKind.ContractClauses],
        });
        var later = Policy("later", new ResidencyRule { Rule = "stays", Allow = [new("EU")] }) with
        {
            ValidFrom = new(2027, 6, 1),
        };
        var world = KindFleet.World();
        var german = KindFleet.Running(world, KindFleet.Request.In("de-one"), 1);
        var american = KindFleet.Running(world, KindFleet.Request.In("us-one") with { DataClass = new("public") }, 2);
        world.Add(german);
        world.Add(american);
        var policies = Set(certified with { Match = new() { DataClasses = [new("health")] } }, later, transfer);

        var upcoming = LawAudit.Upcoming(world, policies, KindFleet.Now, Until);

        Assert.Equal(
            [
                (german.Id, "certified/c5", new DateOnly(2026, 10, 1), new DateOnly(2026, 10, 31),
                    "the claim of BSI_C5 for de-one has run out"),
                (american.Id, "transfer/basis", new DateOnly(2027, 1, 1), new DateOnly(2027, 1, 1),
                    "the transfer basis contractClauses from EU to US has ended"),
                (american.Id, "later/stays", new DateOnly(2027, 6, 1), new DateOnly(2027, 6, 1), "policy later begins"),
            ],
            upcoming.Select(item => (
                item.Placement.Id, item.Breaches.Single().Rule, item.Breaches[0].Since, item.Deadline,
                item.Breaches[0].Causes.Single().What)));
    }

    [Fact]
    public void A_waiver_that_has_run_out_leaves_an_unlawful_binding_with_a_deadline()
    {
        var policies = Set(
            Policy("stays", new ResidencyRule { Rule = "eu", Allow = [new("EU")] }) with { RemedyDays = 14 })
            with
        {
            Waivers =
            [
                new Waiver
                {
                    Id = new("w1"), Policy = new("stays"), Rules = ["eu"], Because = "The move is under way.",
                        Owner = "dpo",
                    Match = new() { Everything = true }, Regions = [new("us-one")],
                    ValidFrom = new(2026, 1, 1), Expires = new(2026, 6, 20),
                },
            ],
        };
        var world = KindFleet.World();
        var running = KindFleet.Running(world, KindFleet.Request.In("us-one"));
        world.Add(running);
        var law = new Law(KindFleet.Fleet, policies);

        Assert.Equal([], LawAudit.At(world, law, KindFleet.Now));
        Assert.Contains(law.JudgeRunning(running, KindFleet.Now), verdict => verdict.Result == VerdictResult.Waived);

        var after = new DateTimeOffset(2026, 6, 25, 0, 0, 0, TimeSpan.Zero);
        var breach = new Breach("stays/eu", ReasonCode.Residency, "the site stands in US, outside EU",
            new(2026, 6, 21), new(2026, 7, 5),
            [
                new LawChange(new(2026, 6, 21), LawChangeKind.WaiverEnds, "waiver w1 of dpo has run out")
                {
                    Policy = new("stays"),
                },
            ]);
        Assert.Equal([new UnlawfulBinding(running, [breach], new(2026, 7, 5))], LawAudit.At(world, law, after));
        Assert.Equal(
            [new UnlawfulBinding(running, [breach], new(2026, 7, 5))],
            LawAudit.Upcoming(world, policies, KindFleet.Now, after));
    }

    [Fact]
    public void Nothing_is_unlawful_by_policies_before_they_are_activated()
    {
        var policies = Set(
            Policy("stays", new ResidencyRule { Rule = "eu", Allow = [new("EU")] }) with { RemedyDays = 7 });
        var world = KindFleet.World();
        world.Add(KindFleet.Running(world, KindFleet.Request.In("us-one")));

        var found = LawAudit.At(world, new Law(KindFleet.Fleet, policies), KindFleet.Now, KindFleet.Now.AddDays(-2));

        var breach = Assert.Single(Assert.Single(found).Breaches);
        Assert.Equal((new DateOnly(2026, 6, 13), new DateOnly(2026, 6, 20)), (breach.Since, breach.Deadline));
    }

    [Fact]
    public void A_past_decision_is_not_changed_by_what_is_decided_later()
    {
        Seeds.ForEach(300, dice =>
        {
            var question = RandomWorld.Of(dice, FleetSize.Middle, placements: 3);
            var request = RandomRequest.Of(dice, question.World.Fleet);
            var before = question.Decide(request);
            var policies = question.Law.Policies with
            {
                Policies =
                [
                    .. question.Law.Policies.Policies,
                    Policy("zz-later", new ResidencyRule { Rule = "never", Deny = RandomFleet.Countries }) with
                    {
                        ValidFrom = DateOnly.FromDateTime(question.AsOf.UtcDateTime).AddDays(1),
                    },
                ],
            };

            var after = Placer.Decide(question.World, new Law(question.World.Fleet, policies), request, question.AsOf);

            Assert.Equal(before, after);
        });
    }

    [Fact]
    public void Upcoming_finds_what_judging_every_day_finds()
    {
        Seeds.ForEach(400, dice =>
        {
            var question = RandomWorld.Of(dice, FleetSize.Middle, placements: 6);
            var policies = RandomLaw.Policies(dice, question.World.Fleet, most: 4, percentCapacity: 0);
            var law = new Law(question.World.Fleet, policies);
            var from = new DateTimeOffset(RandomFleet.Day.AddDays(-4), TimeOnly.MinValue, TimeSpan.Zero);

            var found = LawAudit.Upcoming(question.World, policies, from, from.AddDays(9));

            var expected = new List<(DateOnly, DecisionId, string)>();
            foreach (var placement in question.World.Placements)
            {
                for (var day = 1; day <= 9; day++)
                {
                    var (before, now) = (
                        Rules(law, placement, from.AddDays(day - 1)), Rules(law, placement, from.AddDays(day)));
                    expected.AddRange(now.Except(before)
                        .Select(rule => (DateOnly.FromDateTime(from.AddDays(day).UtcDateTime), placement.Id, rule)));
                }
            }

            Assert.Equal(
                expected.Order(),
                found.SelectMany(item => item.Breaches.Select(breach => (breach.Since, item.Placement.Id, breach.Rule)))
                    .Order());
            Assert.All(found.SelectMany(item => item.Breaches), breach => Assert.NotEmpty(breach.Causes));
        });
    }

    private static HashSet<string> Rules(Law law, Placement placement, DateTimeOffset asOf) =>
        law.JudgeRunning(placement, asOf)
        .Where(verdict => verdict.Result == VerdictResult.Denied).Select(verdict => verdict.Rule).ToHashSet();

    private static PolicySet Set(params Policy[] policies) =>
        new() { Policies = policies.OrderBy(policy => policy.Id).ToSeq(), Preferences = Preferences.Default,
            Digest = "test" };

    private static Policy Policy(string id, PolicyRule rule) => new()
    {
        Id = new(id), Because = "It is so.", Source = new() { Law = "Law" }, Owner = "owner",
            ValidFrom = new(2026, 1, 1),
        Enforcement = Enforcement.Mandatory, Match = new() { Everything = true }, Rules = [rule],
    };
}
