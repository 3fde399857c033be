using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Server.Database;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Writes what people query: the tables that follow from the ledger, in the transaction of the records they follow
/// from. Only what a batch leaves behind is written, so a placement that comes and goes within it never appears.
/// </summary>
internal sealed class Projection
{
    private readonly Dictionary<DecisionId, DecisionRow> decisions = [];
    private readonly Dictionary<DecisionId, PlacementRow> placed = [];
    private readonly Dictionary<DecisionId, DateTimeOffset> confirmed = [];
    private readonly Dictionary<DecisionId, string> ended = [];
    private readonly SortedSet<NodeId> touched = [];
    private readonly SortedSet<DecisionId> moved = [];
    private long? fleetPosition;

    private Projection()
    {
    }

    /// <summary>Adds the effect of records on the tables.</summary>
    /// <param name="statements">Statements of the transaction; run up to here when a fleet was declared.</param>
    /// <param name="records">What was appended.</param>
    /// <param name="effect">The state after the last record, and what <see cref="Before"/> gave for each.</param>
    public static async Task AddAsync(
        Statements statements, List<LedgerRecord> records,
        (LedgerState After, IReadOnlyCollection<Placement> Before) effect)
    {
        var projection = new Projection();
        foreach (var record in records) projection.Read(record);
        foreach (var placement in effect.Before) projection.Touch(placement.Occupied);
        var world = effect.After.World;
        if (projection.fleetPosition is { } declaredAt)
        {
            await statements.ExecuteAsync();
            await InventoryRows.RewriteAsync(statements.Connection, statements.Transaction, world, declaredAt);
        }
        else
        {
            foreach (var id in projection.moved) projection.Touch(world.Find(id)?.Occupied ?? []);
            InventoryRows.Update(statements, world, projection.touched);
        }

        PlacementRows.Add(statements, projection.Changes(world));
    }

    /// <summary>A placement that a record ends or moves, as it is before the record; null for others.</summary>
    public static Placement? Before(World world, LedgerRecord record) => record.Event switch
    {
        PlacementReleased { Id: var id } => world.Find(id),
        MoveStepped { Placement: var id } => world.Find(id),
        _ => null,
    };

    private PlacementChanges Changes(World world) => new(
        [.. decisions.Values.OrderBy(row => row.Position)],
        [.. placed.Values.OrderBy(row => row.Position).Select(row => moved.Contains(row.Id)
            ? row with { Units = world.Find(row.Id)!.Units } // what is in its rows is in the world
            : row)],
        [.. confirmed.OrderBy(item => item.Key).Select(item => (item.Key, item.Value))],
        [.. ended.OrderBy(item => item.Key).Select(item => (item.Key, item.Value))],
        [.. moved.Where(id => !placed.ContainsKey(id)).Select(world.Find).OfType<Placement>()],
        world);

    private void Read(LedgerRecord record)
    {
        switch (record.Event)
        {
            case FleetDeclared:
                fleetPosition = record.Position;
                break;
            case PlacementDecided decided:
                Add(decided, record);
                break;
            case PlacementReleased released:
                End(released);
                break;
            case PlanLanded { Plan: var plan }:
                foreach (var move in plan.Moves) Touch(move.To);
                break;
            case MoveStepped stepped:
                moved.Add(stepped.Placement);
                break;
            case HoldConfirmed { Id: var id }:
                if (placed.TryGetValue(id, out var row))
                {
                    placed[id] = row with { State = "bound", HoldUntil = null, BoundAt = record.At };
                    decisions[id] = decisions[id] with { PlacementState = "bound" };
                }
                else
                    confirmed[id] = record.At;
                break;
        }
    }

    private void Add(PlacementDecided decided, LedgerRecord record)
    {
        var state = decided.HoldUntil is null ? "bound" : "held";
        var isPlaced = decided.Decision is Placed;
        decisions.Add(decided.Id, new DecisionRow(
            decided.Id, record.Position, record.At, decided.Request.Tenant.Value, decided.Request.Workload,
            isPlaced ? state : "refused", isPlaced ? state : null));
        if (decided.Decision is not Placed { Units: var units }) return;
        placed.Add(decided.Id, new PlacementRow(
            decided.Id, record.Position, decided.Request, units, state, decided.HoldUntil,
            decided.HoldUntil is null ? record.At : null));
        Touch(units);
    }

    private void End(PlacementReleased released)
    {
        var state = released.Reason == ReleaseReason.HoldExpired ? "expired" : "released";
        confirmed.Remove(released.Id);
        if (placed.Remove(released.Id)) decisions[released.Id] = decisions[released.Id] with { PlacementState = state };
        else ended.Add(released.Id, state);
    }

    private void Touch(IEnumerable<UnitBinding> units)
    {
        foreach (var unit in units) touched.Add(unit.Node);
    }
}

/// <summary>A row of <c>decision</c>.</summary>
internal sealed record DecisionRow(
    DecisionId Id, long Position, DateTimeOffset At, string Tenant, string Workload, string Outcome,
    string? PlacementState);

/// <summary>A row of <c>placement</c> with its units.</summary>
internal sealed record PlacementRow(
    DecisionId Id, long Position, PlacementRequest Request, Seq<UnitBinding> Units, string State,
    DateTimeOffset? HoldUntil, DateTimeOffset? BoundAt);

/// <summary>What a batch of records leaves behind in the tables of decisions and placements.</summary>
internal sealed record PlacementChanges(
    List<DecisionRow> Decisions,
    List<PlacementRow> Placed,
    List<(DecisionId Id, DateTimeOffset At)> Confirmed,
    List<(DecisionId Id, string State)> Ended,
    List<Placement> Moved,
    World World);
