using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

/// <summary>
/// Plans a failover the plain way, to hold the planner against: placement by placement, each taken out of the world,
/// decided and put back on its way, and all of it undone at the end.
/// </summary>
internal static class PlanOneByOne
{
    public static MovePlan Plan(World world, Law law, PlanQuestion question)
    {
        var (moves, stays) = (new List<PlannedMove>(), new List<StayPut>());
        var candidates = question.Sites.SelectMany(world.WorkAt).Distinct()
            .Select(id => world.Find(id)!)
            .Where(placement => placement.Move is null)
            .OrderByDescending(placement => placement.Request.Priority)
            .ThenByDescending(placement => placement.Request.AcceleratorMilliTotal)
            .ThenBy(placement => placement.Id)
            .ToList();
        var mark = world.Mark();
        foreach (var placement in candidates)
        {
            var there = placement.Units.Where(unit => question.Sites.Contains(SiteOf(world, unit))).ToSeq();
            var units = placement.Request.Kind == WorkloadKind.Gang ? placement.Units : there;
            if (WhyStays(world, placement, question) is { } stay) stays.Add(stay);
            else if (Try(world, law, (question, placement, units)) is Placed placed)
                moves.Add(new PlannedMove(placement.Id, units, placed.Units, placed.Score));
            else stays.Add(new StayPut(placement.Id, "", ""));
        }

        world.UndoTo(mark, world.Position);
        return new MovePlan
        {
            Id = question.Id, Kind = question.Kind, Sites = question.Sites, Parent = world.Position,
            PolicyDigest = law.Policies.Digest, Moves = moves.ToSeq(), Stays = stays.ToSeq(),
        };
    }

    private static PlacementDecision Try(
        World world, Law law, (PlanQuestion Question, Placement Placement, Seq<UnitBinding> Units) asked)
    {
        var (question, placement, units) = asked;
        var staying = placement.Units.Where(unit => !units.Contains(unit)).ToSeq();
        world.Remove(placement.Id);
        if (staying.Count > 0) world.Add(placement with { Units = staying });
        var request = placement.Request with
        {
            Units = units.Count, Spread = staying.Count == 0 ? placement.Request.Spread : null,
        };
        var decision = question.Kind == MoveKind.Failover
            ? Placer.DecideFailover(world, law, (request, question.AsOf), within: null)
            : Placer.Decide(world, law, request, question.AsOf);
        if (staying.Count > 0) world.Remove(placement.Id);
        world.Add(decision is not Placed placed ? placement : placement with
        {
            Move = new Move
            {
                Plan = question.Id, Kind = question.Kind, Step = MoveStep.Reserved, From = units, To = placed.Units,
                SteppedAt = world.Position, Since = question.AsOf,
            },
        });
        return decision;
    }

    private static StayPut? WhyStays(World world, Placement placement, PlanQuestion question)
    {
        if (placement.State != PlacementState.Bound) return new(placement.Id, StayReason.OnlyHeld, "");
        foreach (var site in placement.Units.Select(unit => SiteOf(world, unit)).Where(question.Sites.Contains))
        {
            if (world.Sites.Find(site) is not { Health: SiteHealth.Lost, DeclaredDead: false } condition) continue;
            if (placement.Request.RunClass == RunClass.Sticky) return new(placement.Id, StayReason.Sticky, "");
            if (!condition.WasGuarded) return new(placement.Id, StayReason.NotGuarded, "");
        }

        return null;
    }

    private static SiteId SiteOf(World world, UnitBinding unit) => world.Fleet.FindPool(unit.Node.Pool)!.Site.Id;
}
