using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Simulation;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Placements;

public sealed class DependencyTests
{
    [Fact]
    public void Places_near_what_is_needed_exactly_where_trying_every_division_can()
    {
        var (placed, refused) = (0, 0);
        Seeds.ForEach(800, dice =>
        {
            var question = RandomWorld.Of(dice, FleetSize.Small, placements: 0);
            for (var turn = 0; turn < 8; turn++)
            {
                var request = RandomRequest.Of(dice, question.World.Fleet) with
                {
                    Tenant = dice.Pick(RandomLaw.Tenants.Take(2).ToList()), Workload = $"w{dice.Int(0, 3)}",
                };
                if (turn > 3) request = request with { Workload = "asks", DependsOn = Needs(dice) };

                var decision = question.TryPlace(request, new DecisionId(dice.Guid()), hold: false);

                if (request.DependsOn.Count == 0) continue;
                if (decision is Placed) placed++;
                else refused++;
                Assert.True(IsAsTried(question, request, decision), $"{decision} for {request}");
            }
        });
        Assert.True(placed > 100 && refused > 100, $"{placed} placed, {refused} refused");
    }

    [Fact]
    public void Says_of_every_pool_whether_what_is_needed_is_near()
    {
        var state = SimFleet.Origin.CopyWithoutKeys();
        var archive = SiteOf(state, state.World.Named(new("acme"), "archive")[0]);
        var request = SimFleet.Request("viewer", RunClass.Exclusive, null, 1) with
        {
            DependsOn = [new Dependency("archive", DependencyScope.Site)],
        };

        var explanation = Placer.Explain(state.World, state.Law, request, VirtualTime.Start);

        Assert.IsType<Placed>(explanation.Decision);
        var apart = explanation.Trials.Where(trial => trial.Denial?.Reason == ReasonCode.Dependency)
            .Select(trial => trial.Site);
        Assert.Equal(SimFleet.Sites.Where(site => site != archive), apart);
    }

    [Fact]
    public void What_is_not_there_or_needs_the_asker_is_refused_with_its_place()
    {
        var world = SimFleet.Origin.World;
        PlacementRequest Asks(string workload, string tenant, params string[] needs) =>
            SimFleet.Request(workload, RunClass.Exclusive, null, 1) with
            {
                Tenant = new(tenant),
                DependsOn = [.. needs.Select(need => new Dependency(need, DependencyScope.Site))],
            };

        var problems = Dependencies.Check(world, Asks("archive", "acme", "web", "gone", "archive", "notes"));
        var strangers = Dependencies.Check(world, Asks("spy", "other", "archive"));

        Assert.Equal(
            [
                new Problem("dependency-unknown", "/dependsOn/1/workload", "tenant acme has no workload 'gone'"),
                new Problem("dependency-cycle", "/dependsOn/2/workload", "'archive' needs itself"),
                new Problem("dependency-cycle", "/dependsOn/3/workload",
                    "'notes' needs 'archive' already: notes -> reader -> archive"),
            ],
            problems);
        // In the same words as what nobody has.
        Assert.Equal(
            [new Problem("dependency-unknown", "/dependsOn/0/workload", "tenant other has no workload 'archive'")],
            strangers);
    }

    [Fact]
    public void No_more_than_the_limit_are_bound_to_each_other()
    {
        var world = SimFleet.Origin.World.Copy();
        var unit = world.Find(world.Named(new("acme"), "archive")[0])!;
        for (var index = 0; index < Dependencies.MostInGroup - 3; index++)
        {
            // The world does not mind that this is more than the nodes take; nothing is decided on it.
            world.Add(unit with
            {
                Id = new DecisionId(new Guid(index + 100, 0, 0, new byte[8])),
                Request = unit.Request with
                {
                    Workload = $"more-{index}", DependsOn = [new Dependency("archive", DependencyScope.Region)],
                },
            });
        }

        var problems = Dependencies.Check(world, unit.Request with
        {
            Workload = "last", DependsOn = [new Dependency("notes", DependencyScope.Site)],
        });

        Assert.Equal(
            [new Problem("too-many", "/dependsOn", "would bind 65 workloads to each other; the limit is 64")],
            problems);
    }

    [Fact]
    public void What_is_needed_is_in_the_ledger_and_what_needs_nobody_has_the_bytes_it_had()
    {
        var with = SimFleet.Request("viewer", RunClass.Sticky, "DE", 2) with
        {
            DependsOn = [new("archive", DependencyScope.Site), new("web", DependencyScope.Region)],
        };
        var without = with with { DependsOn = [] };
        var state = SimFleet.Origin.Copy();

        var records = new[] { with, without }.Select(request => state.Append(
            SimFleet.Decide(state, request, Guid.NewGuid(), VirtualTime.Start), VirtualTime.Start)).ToList();
        var read = LedgerSnapshot.Read(new ControlPlane.Regions.FleetReader(), LedgerSnapshot.Write(state));

        foreach (var record in records)
        {
            var bytes = new CanonicalWriter();
            EventCodec.Write(bytes, record.Event);
            Assert.Equal(record.Event, EventCodec.Read(new CanonicalReader(bytes.ToArray())));
        }

        Assert.NotEqual(RequestHash.Of(with, null), RequestHash.Of(without, null));
        Assert.Equal(LedgerSnapshot.DigestOf(state), LedgerSnapshot.DigestOf(read));
        Assert.Equal(state.World.Dependents, read.World.Dependents);
    }

    private static SiteId SiteOf(LedgerState state, DecisionId id) =>
        state.World.Fleet.FindPool(state.World.Find(id)!.Units[0].Node.Pool)!.Site.Id;

    private static Seq<Dependency> Needs(Dice dice) =>
    [
        .. dice.AtLeastOne(["w0", "w1", "w2", "w3"], 2)
            .Select(name => new Dependency(name, dice.Pick(DependencyScope.Site, DependencyScope.Region))),
    ];

    private static bool IsAsTried(RandomWorld question, PlacementRequest request, PlacementDecision decision)
    {
        // What was just placed is in the way of trying again.
        if (decision is Placed placed)
        {
            return placed.Units.All(unit =>
                BruteForce.MayUse(question, question.World.Fleet.FindPool(unit.Node.Pool)!, request));
        }

        return BruteForce.Find(question, request) is null;
    }
}
