using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>
/// Looks for what must never be in a plan: a target that the law forbids, that is closed, left itself, or too small.
/// </summary>
public static class PlanCheck
{
    /// <param name="world">The world with the moves of the plan in it.</param>
    /// <returns>One sentence for each fault.</returns>
    public static Seq<string> Faults(World world, Law law, (PlanQuestion Question, Seq<PlannedMove> Moves) plan)
    {
        var faults = new List<string>();
        var seen = new HashSet<DecisionId>();
        foreach (var move in plan.Moves)
        {
            var placement = world.Find(move.Placement)!;
            if (!seen.Add(move.Placement)) faults.Add($"{move.Placement} moves twice");
            if (move.From.Count != move.To.Count) faults.Add($"{move.Placement} loses or gains units");
            var lawful = law.LawfulPools(LawSubject.Of(placement.Request), plan.Question.AsOf);
            foreach (var unit in move.To)
            {
                var pool = world.Fleet.FindPool(unit.Node.Pool)!;
                if (!lawful.Contains(pool.Index)) faults.Add($"{move.Placement} may not run in {pool.Id}");
                if (!world.Sites.IsOpen(pool.Site)) faults.Add($"{pool.Site} of {move.Placement} is closed");
                if (!world.Nodes.IsSound(pool.Index, unit.Node.Ordinal)) faults.Add($"{unit.Node} is overcommitted");
                if (world.ClosedNodes.Find(unit.Node) is not null)
                    faults.Add($"{unit.Node} is closed to {move.Placement}");
                if (plan.Question.Kind is not (MoveKind.Failback or MoveKind.Decommission)
                    && plan.Question.Sites.Contains(pool.Site.Id))
                    faults.Add($"{move.Placement} would go where everything leaves");
            }

            if (placement.Request.Kind == WorkloadKind.Gang && Inventory.FleetChange.IsTorn(world.Fleet, move.To))
                faults.Add($"the members of {move.Placement} would be torn apart");
        }

        return faults.ToSeq();
    }
}
