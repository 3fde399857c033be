using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Placements;

public sealed class ExactnessTests
{
    [Fact]
    public void Places_exactly_what_trying_every_division_can_place()
    {
        Seeds.ForEach(3_000, dice =>
        {
            var question = RandomWorld.Of(dice, FleetSize.Small, placements: dice.Int(0, 6));
            for (var turn = 0; turn < 4; turn++)
            {
                var request = RandomRequest.Of(dice, question.World.Fleet);

                var decision = question.Decide(request);

                var found = BruteForce.Find(question, request);
                Assert.True(
                    decision is Placed == found is not null, $"{decision}, but by trying: {found}, for {request}");
                if (decision is Placed placed) Assert.Equal([], Faults(question, request, placed));
            }
        });
    }

    [Fact]
    public void Places_lawfully_and_within_every_limit_on_bigger_worlds()
    {
        Seeds.ForEach(500, dice =>
        {
            var question = RandomWorld.Of(dice, new FleetSize(4, 3, 2, 2, 6, 8, 3), placements: 10);
            for (var turn = 0; turn < 10; turn++)
            {
                var request = RandomRequest.Of(dice, question.World.Fleet, mostUnits: 40);

                if (question.Decide(request) is not Placed placed) continue;

                Assert.Equal([], Faults(question, request, placed));
            }
        });
    }

    /// <summary>Judges a placement by its bindings alone: law, room, power, caps, gang, spread.</summary>
    private static Seq<string> Faults(RandomWorld question, PlacementRequest request, Placed placed)
    {
        var fleet = question.World.Fleet;
        var units = placed.Units
            .GroupBy(unit => unit.Node.Pool)
            .Select(group => (fleet.FindPool(group.Key)!, group.Count()))
            .ToSeq();
        var faults = units
            .Where(item => !BruteForce.MayUse(question, item.Item1, request))
            .Select(item => $"{item.Item1} may not be used")
            .ToList();
        faults.AddRange(BruteForce.Faults(question, request, units));
        if (units.Select(item => item.Item1.SkuIndex).Distinct().Count() > 1 && request.Unit.NeedsAccelerator)
            faults.Add("several models");
        if (request.Kind == WorkloadKind.Gang && placed.Units.Select(DomainOf).Distinct().Count() > 1)
            faults.Add("several fabric domains");
        if (!placed.Units.Select(unit => unit.Node).SequenceEqual(placed.Units.Select(unit => unit.Node).Order()))
            faults.Add("units out of order");
        var after = question.World.Copy();
        after.Add(PlacementOf(request, placed, question.AsOf));
        faults.AddRange(Audit.Of(after, question.AsOf));
        return faults.ToSeq();

        int DomainOf(UnitBinding unit) => unit.Node.Ordinal / fleet.FindPool(unit.Node.Pool)!.Spec.NodesPerFabricDomain;
    }

    private static Placement PlacementOf(PlacementRequest request, Placed placed, DateTimeOffset at) => new()
    {
        Id = new DecisionId(Guid.Empty),
        Request = request,
        State = PlacementState.Bound,
        Epoch = 1,
        Units = placed.Units,
        DecidedAt = at,
    };
}
