using ControlPlane.Inventory;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>
/// Takes nodes out of use: nothing new comes to them, what is there moves away by the steps of every move, beside where
/// it is if its site has room and else wherever it may, and a node that nothing is on any more is marked as out. Until
/// its source stops a move can be undone by putting the node in use again.
/// </summary>
public static class DecommissionSaga
{
    /// <summary>Nodes that one plan may empty.</summary>
    public const int MostNodes = 1_000;

    /// <summary>The table; the first row that holds is taken.</summary>
    public static Seq<MoveRow> Rows { get; } =
    [
        new(MoveStep.Reserved, "undo: target closed", MoveSaga.TargetClosed, MoveStep.Undone) { Explains = true },
        new(MoveStep.Reserved, "undo: node is in use again", InUseAgain, MoveStep.Undone) { Explains = true },
        new(MoveStep.Reserved, "undo: may not go", MoveSaga.MayNotGo, MoveStep.Undone) { Explains = true },
        new(MoveStep.Reserved, "undo: what it is bound to stays", MoveSaga.WouldTear, MoveStep.Undone)
        {
            Explains = true,
        },
        new(MoveStep.Reserved, "start: source is fenced", MoveSaga.SourceFenced, MoveStep.Starting)
        {
            IsGoverned = true,
        },
        new(MoveStep.Reserved, "stop source", MoveSaga.MayStopSource, MoveStep.Stopping) { IsGoverned = true },
        .. MoveSaga.UnderWayInLaw,
    ];

    /// <summary>Plans for all that is on nodes to which nothing new may come.</summary>
    public static MovePlan Plan(World world, Law law, PlanQuestion question)
    {
        var nodes = question.Nodes.ToHashSet();
        return new PlanTrial(world, law, question).Run(
            FailoverPlanner.InTurn(world, question.Sites.ToHashSet())
                .Where(placement => placement.Units.Any(unit => nodes.Contains(unit.Node))),
            placement => Leaving(world, placement, nodes));
    }

    /// <summary>What is asked for nodes that are to be emptied.</summary>
    public static PlanQuestion Question(World world, Seq<NodeId> nodes, Guid id, DateTimeOffset asOf) => new()
    {
        Id = id, Kind = MoveKind.Decommission, Nodes = nodes, AsOf = asOf,
        Sites = nodes.Select(node => world.Fleet.FindPool(node.Pool)?.Site.Id).OfType<SiteId>()
            .Distinct().Order().ToSeq(),
    };

    /// <summary>Nodes that are drained and that nothing is on, nor on its way to.</summary>
    public static Seq<NodeId> Emptied(World world) => world.ClosedNodes.Draining
        .Where(node => world.Fleet.FindPool(node.Pool) is not { } pool || node.Ordinal >= pool.Nodes
            || world.Nodes.IsEmpty(pool, node.Ordinal))
        .ToSeq();

    /// <summary>Whether anything on draining nodes could be planned for; for asking before planning.</summary>
    public static bool HasWork(World world, Seq<NodeId> draining) => draining.Any(node =>
        world.Fleet.FindPool(node.Pool) is { } pool && node.Ordinal < pool.Nodes
            && !world.Nodes.IsEmpty(pool, node.Ordinal));

    /// <summary>
    /// Units of a placement that leave when it finds no place beside: a site stops all that it has of it or nothing.
    /// </summary>
    private static Seq<UnitBinding> Leaving(World world, Placement placement, HashSet<NodeId> nodes)
    {
        var sites = placement.Units.Where(unit => nodes.Contains(unit.Node))
            .Select(unit => world.Fleet.FindPool(unit.Node.Pool)!.Site.Id).ToHashSet();
        if (sites.Count == 0) return [];
        if (placement.Request.Kind == WorkloadKind.Gang) return placement.Units;
        return placement.Units.Where(unit => sites.Contains(world.Fleet.FindPool(unit.Node.Pool)!.Site.Id)).ToSeq();
    }

    private static string? InUseAgain(MoveView view, LossTerms terms) =>
        view.Move.From.Any(unit => view.World.ClosedNodes.Find(unit.Node) is { Duty: NodeDuty.Draining })
            ? null
            : "its node is in use again";
}
