using System.Diagnostics;
using ControlPlane.Inventory;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>Folds what happens to sites and moves into the world.</summary>
internal static class FailoverFold
{
    public static void Apply(World world, LedgerRecord record)
    {
        switch (record.Event)
        {
            case SiteChanged changed:
                world.Set(changed.Condition);
                break;
            case NodeChanged { Node: var node, Duty: var duty } changed:
                world.Set(node, duty is null ? null
                    : new NodeCondition(node, duty.Value, record.At, changed.Because));
                break;
            case PlanLanded { Plan: var plan }:
                foreach (var move in plan.Moves)
                {
                    world.Replace(move.Placement, placement => placement with
                    {
                        Preempted = placement.Preempted.Concat(move.Preempted).Distinct().Order().ToSeq(),
                        Move = new Move
                        {
                            Plan = plan.Id, Kind = plan.Kind, Step = MoveStep.Reserved, From = move.From, To = move.To,
                            SteppedAt = record.Position, Since = record.At,
                        },
                    });
                }

                break;
            case MoveStepped stepped:
                Step(world, stepped, record);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private static void Step(World world, MoveStepped stepped, LedgerRecord record)
    {
        var placement = world.Find(stepped.Placement)!;
        var move = placement.Move ?? throw new LedgerFormatException($"{stepped.Placement} is on no move");
        var next = move with
        {
            Step = stepped.Step, SteppedAt = record.Position, Since = record.At, Parked = stepped.Because,
        };
        world.Replace(stepped.Step switch
        {
            _ when stepped.Step == move.Step => placement with { Move = move with { Parked = stepped.Because } },
            MoveStep.Stopping => placement with { Move = next },
            MoveStep.Starting => Bind(world.Fleet, placement, (next, stepped.Timeline, record.At)),
            MoveStep.Done or MoveStep.Undone => placement with { Move = null },
            _ => throw new LedgerFormatException($"no move goes to {stepped.Step}"),
        });
    }

    private static Placement Bind(
        Fleet fleet, Placement placement, (Move Move, long Timeline, DateTimeOffset At) step)
    {
        var leaving = step.Move.From.ToHashSet();
        var units = placement.Units.Where(unit => !leaving.Remove(unit)).Concat(step.Move.To)
            .OrderBy(unit => unit.Node).ThenBy(unit => unit.Devices).ToSeq();
        var epoch = new Epoch(step.Timeline, placement.Epoch + 1);
        var to = SitesOf(fleet, step.Move.To);
        var here = SitesOf(fleet, units);
        var moved = placement.Moved.Where(moved => here.Contains(moved.Site) && !to.Contains(moved.Site))
            .Concat(to.Select(site => new SiteEpoch(site, epoch)))
            .OrderBy(moved => moved.Site)
            .ToSeq();
        return placement with
        {
            Units = units,
            Epoch = epoch.Counter,
            Moved = moved,
            Move = step.Move,
            Former = step.Move.Kind == MoveKind.Failover
                ? placement.Former ?? new FormerPlace(PoolsOf(step.Move.From), step.At)
                : null,
        };
    }

    private static SortedSet<SiteId> SitesOf(Fleet fleet, Seq<UnitBinding> units) =>
        [.. units.Select(unit => fleet.FindPool(unit.Node.Pool)!.Site.Id)];

    private static Seq<NodePoolId> PoolsOf(Seq<UnitBinding> units) =>
        units.Select(unit => unit.Node.Pool).Distinct().Order().ToSeq();
}
