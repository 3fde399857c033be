using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Simulation;

/// <summary>Sends what should stay put anywhere, as if there were no law; one of the planted defects.</summary>
internal static class Lawless
{
    public static MovePlan Plan(LedgerState state, MovePlan plan)
    {
        if (plan.Kind != MoveKind.Failover) return plan;
        foreach (var stay in plan.Stays)
        {
            if (stay.Reason is not (RefusalReason.NoLawfulRegion or RefusalReason.NoActiveSite)) continue;
            var placement = state.World.Find(stay.Placement)!;
            var request = placement.Request with { Residency = [], Units = placement.Units.Count };
            if (Placer.Decide(state.World, state.Law, request, state.At) is not Placed placed) continue;
            var move = new PlannedMove(placement.Id, placement.Units, placed.Units, placed.Score);
            return plan with
            {
                Moves = [.. plan.Moves, move], Stays = plan.Stays.Where(other => other != stay).ToSeq(),
            };
        }

        return plan;
    }

    /// <summary>Starts at a place that the law forbids what would be undone for that.</summary>
    public static LedgerEvent Step(LedgerState state, MoveStepped step, long timeline)
    {
        if (step.Step != MoveStep.Undone
            || state.World.Find(step.Placement) is not { Move: { Step: MoveStep.Reserved } move } placement)
            return step;
        var lawful = state.Law.LawfulPools(LawSubject.Of(placement.Request), state.At);
        var isLawful = move.To.All(unit => lawful.Contains(state.World.Fleet.FindPool(unit.Node.Pool)!.Index));
        var isLost = move.From.All(unit =>
            state.World.Sites.Find(state.World.Fleet.FindPool(unit.Node.Pool)!.Site.Id) is { Health: SiteHealth.Lost });
        return isLawful || !isLost ? step : new MoveStepped(step.Placement, MoveStep.Starting, timeline, null);
    }
}
