using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>
/// Moves one placement off a node that is to become free as a whole, to another node of its pool. The steps are those
/// of every move; as long as nothing has stopped it is looked each time whether the law still lets it go there and
/// whether its node would still become free, for a move that brings nothing is not worth the stop.
/// </summary>
public static class DefragmentSaga
{
    /// <summary>Moves that one plan may have.</summary>
    public const int MostMoves = 1_000;

    /// <summary>The table; the first row that holds is taken.</summary>
    public static Seq<MoveRow> Rows { get; } =
    [
        new(MoveStep.Reserved, "undo: target closed", MoveSaga.TargetClosed, MoveStep.Undone) { Explains = true },
        new(MoveStep.Reserved, "undo: may not go", MoveSaga.MayNotGo, MoveStep.Undone) { Explains = true },
        new(MoveStep.Reserved, "undo: nothing gained", NothingGained, MoveStep.Undone) { Explains = true },
        new(MoveStep.Reserved, "undo: what it is bound to stays", MoveSaga.WouldTear, MoveStep.Undone)
        {
            Explains = true,
        },
        new(MoveStep.Reserved, "stop source", MoveSaga.MayStopSource, MoveStep.Stopping) { IsGoverned = true },
        .. MoveSaga.UnderWayInLaw,
    ];

    /// <summary>Why a move that has just begun would be undone at once; null when it would not.</summary>
    internal static string? WhyUndone(MoveView view, LossTerms terms) => Rows
        .Where(row => row is { From: MoveStep.Reserved, To: MoveStep.Undone })
        .Select(row => row.When(view, terms))
        .FirstOrDefault(why => why is not null);

    /// <summary>A node becomes free when all that is on it leaves by the same plan.</summary>
    private static string? NothingGained(MoveView view, LossTerms terms)
    {
        foreach (var node in view.Move.From.Select(unit => unit.Node).Distinct())
        {
            if (view.World.ClosedNodes.Find(node) is not null) return $"nothing may come to {node} any more";
            var pool = view.World.Fleet.FindPool(node.Pool)!; // something runs in it
            var nodes = view.World.Nodes;
            long milli = nodes.FreeMilli(pool.Index, node.Ordinal);
            var cpuMilli = nodes.FreeCpuMilli(pool.Index, node.Ordinal);
            var memoryMib = nodes.FreeMemoryMib(pool.Index, node.Ordinal);
            foreach (var leaving in view.World.Moving.Select(id => view.World.Find(id)!)) // as they are moving
            {
                if (leaving.Move is not { HoldsTarget: true } move || move.Plan != view.Move.Plan) continue;
                var units = move.From.Count(unit => unit.Node == node);
                milli += units * leaving.Request.Unit.AcceleratorMilli;
                cpuMilli += units * leaving.Request.Unit.CpuMilli;
                memoryMib += units * leaving.Request.Unit.MemoryMib;
            }

            var spec = pool.Spec;
            if (milli != spec.AcceleratorsPerNode * (long)Inventory.NodeColumns.WholeMilli
                || cpuMilli != spec.CpuMilliPerNode || memoryMib != spec.MemoryMibPerNode)
                return $"{node} would not become free: something else is on it now";
        }

        return null;
    }
}
