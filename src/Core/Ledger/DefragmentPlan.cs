using ControlPlane.Capacity;
using ControlPlane.Failover;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>Makes a plan of moves of what would free whole nodes, and lands it where it still holds.</summary>
public static class DefragmentPlan
{
    private const int MilliOfOne = 1_000;

    /// <summary>The plan as it is approved, landed and carried out; a move's score is its gain.</summary>
    public static MovePlan Of(ConsolidationPlan found, LedgerState state, Guid id) => new()
    {
        Id = id,
        Kind = MoveKind.Defragmentation,
        Sites = found.Steps.Select(step => state.World.Fleet.FindPool(step.Node.Pool)!.Site.Id) // it was found in it
            .Distinct().Order().ToSeq(),
        Parent = found.Position,
        PolicyDigest = state.Law.Policies.Digest,
        Moves = found.Steps.SelectMany(
            step => step.Moves,
            (step, move) => new PlannedMove(
                move.Placement.Id, [move.From], [move.To], (long)(step.GainPerMove * MilliOfOne))).ToSeq(),
        Stays = [],
    };

    /// <summary>
    /// Appends a plan that was made on an earlier state, if everything in it is still as it was made on: what moves is
    /// where it was, its target has the room, and no move would be undone at once. Else nothing is appended.
    /// </summary>
    /// <returns>The record, or why the plan is void.</returns>
    public static (LedgerRecord? Landed, string? Void) Land(LedgerState state, PlanLanded plan, DateTimeOffset now)
    {
        if (plan.Plan.PolicyDigest != state.Law.Policies.Digest) return (null, "the policies are others now");
        foreach (var move in plan.Plan.Moves)
        {
            if (WhyNot(state, move) is { } why) return (null, why);
        }

        var mark = state.Mark();
        var landed = state.Append(plan with { Plan = plan.Plan with { Parent = state.Position } }, now);
        var torn = plan.Plan.Moves.Select(move => WhyVoid(state, move, now)).FirstOrDefault(why => why is not null);
        if (torn is null) return (landed, null);
        state.UndoTo(mark);
        return (null, torn);
    }

    private static string? WhyNot(LedgerState state, PlannedMove move)
    {
        var world = state.World;
        if (world.Find(move.Placement) is not { State: PlacementState.Bound, Move: null } placement
            || placement.Units != move.From)
            return $"{move.Placement} is not where it was";
        foreach (var unit in move.To)
        {
            if (world.Fleet.FindPool(unit.Node.Pool) is not { } pool || unit.Node.Ordinal >= pool.Nodes
                || !world.Nodes.HasRoom(pool.Index, unit.Node.Ordinal, placement.Request.Unit)
                || !world.Tenancy.NodeAdmits(
                    pool.Index, unit.Node.Ordinal, placement.Request.Tenant, placement.Isolation))
                return $"{unit.Node} has no room for {move.Placement} any more";
        }

        return null;
    }

    /// <summary>What is wrong with the plan once all its room is taken.</summary>
    private static string? WhyVoid(LedgerState state, PlannedMove move, DateTimeOffset now)
    {
        var world = state.World;
        foreach (var unit in move.To)
        {
            var pool = world.Fleet.FindPool(unit.Node.Pool)!.Index; // it was looked at before
            if (!world.Nodes.IsSound(pool, unit.Node.Ordinal))
                return $"{unit.Node} has no room for {move.Placement} any more";
        }

        var site = world.Fleet.FindPool(move.To[0].Node.Pool)!.Site; // a plan moves units
        var power = PowerFigures.Of(world, site, now);
        if (power.DrawnMilliwatts > power.ContractMilliwatts)
            return $"{site.Id} has too little power to keep both ends of so many moves; plan fewer";
        var view = new MoveView(world, state.Law, world.Find(move.Placement)!, now)
        {
            Sights = new Dictionary<SiteId, SiteSight>(), Timeline = 0,
        };
        return DefragmentSaga.WhyUndone(view, new LossTerms());
    }
}
