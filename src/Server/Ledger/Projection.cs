using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Regions;
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
    private readonly SortedDictionary<DecisionId, (DecisionId By, DateTimeOffset At)> preempted = [];
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
        (LedgerState After, IReadOnlyCollection<EndedPlacement> Before) effect)
    {
        var projection = new Projection();
        foreach (var record in records) projection.Read(record);
        foreach (var before in effect.Before) projection.Touch(before.Placement.Occupied);
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

        PlacementRows.Add(statements, projection.Changes(world, effect.Before));
    }

    /// <summary>The rows of what runs, from the records that say how it came to.</summary>
    public static PlacementChanges Running(World world, IEnumerable<LedgerRecord> kept)
    {
        var (decisions, placed) = (new List<DecisionRow>(), new SortedDictionary<long, PlacementRow>());
        var positions = new Dictionary<DecisionId, long>();
        foreach (var record in kept)
        {
            if (record.Event is HoldConfirmed { Id: var id } && positions.TryGetValue(id, out var at))
                placed[at] = placed[at] with { BoundAt = record.At };
            if (record.Event is not PlacementDecided decided || world.Find(decided.Id) is not { } runs) continue;
            var state = runs.State == PlacementState.Held ? "held" : "bound";
            positions.Add(decided.Id, record.Position);
            decisions.Add(new DecisionRow(
                decided.Id, record.Position, record.At, decided.Request.Tenant.Value, decided.Request.Workload,
                decided.HoldUntil is null ? "bound" : "held", state));
            placed.Add(record.Position, new PlacementRow(
                decided.Id, record.Position, decided.Request, runs.Units, state, runs.HoldUntil,
                decided.HoldUntil is null ? record.At : null));
        }

        return new PlacementChanges(decisions, [.. placed.Values], [], [], [], world) { Preempted = [] };
    }

    /// <summary>Placements that a record ends or moves, as they are before the record.</summary>
    public static IEnumerable<EndedPlacement> Before(World world, LedgerRecord record)
    {
        IEnumerable<DecisionId> ids = record.Event switch
        {
            PlacementReleased { Id: var id } => [id],
            MoveStepped { Placement: var id } => [id],
            PlacementDecided { Decision: Placed placed } => placed.Preempted,
            PlanLanded { Plan: var plan } => plan.Moves.SelectMany(move => move.Preempted),
            _ => [],
        };
        foreach (var id in ids)
        {
            if (world.Find(id) is { } placement) yield return new(placement, world.Fleet, record.Position);
        }
    }

    private PlacementChanges Changes(World world, IReadOnlyCollection<EndedPlacement> before) => new(
        [.. decisions.Values.OrderBy(row => row.Position)],
        [.. placed.Values.OrderBy(row => row.Position).Select(row => moved.Contains(row.Id)
            ? row with { Units = world.Find(row.Id)!.Units } // what is in its rows is in the world
            : row)],
        [.. confirmed.OrderBy(item => item.Key).Select(item => (item.Key, item.Value))],
        [.. ended.OrderBy(item => item.Key).Select(item => (item.Key, item.Value))],
        [.. moved.Where(id => !placed.ContainsKey(id)).Select(world.Find).OfType<Placement>()],
        world)
    {
        Preempted =
        [
            .. preempted.Select(item => new PreemptedRow(
                before.Last(one => one.Placement.Id == item.Key), item.Value.By, item.Value.At)),
        ],
    };

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
                End(released.Id, released.Reason == ReleaseReason.HoldExpired ? "expired" : "released");
                break;
            case PlanLanded { Plan: var plan }:
                foreach (var move in plan.Moves)
                {
                    Touch(move.To);
                    Preempt(move.Preempted, move.Placement, record.At);
                }

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
        if (decided.Decision is not Placed { Units: var units, Preempted: var ends }) return;
        Preempt(ends, decided.Id, record.At);
        placed.Add(decided.Id, new PlacementRow(
            decided.Id, record.Position, decided.Request, units, state, decided.HoldUntil,
            decided.HoldUntil is null ? record.At : null));
        Touch(units);
    }

    private void Preempt(Seq<DecisionId> ends, DecisionId by, DateTimeOffset at)
    {
        foreach (var id in ends)
        {
            preempted.Add(id, (by, at));
            End(id, "preempted");
        }
    }

    private void End(DecisionId id, string state)
    {
        confirmed.Remove(id);
        if (placed.Remove(id)) decisions[id] = decisions[id] with { PlacementState = state };
        else ended.Add(id, state);
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
    World World)
{
    public required List<PreemptedRow> Preempted { get; init; }
}

/// <summary>A placement as it was before a record, with the fleet that it ran on.</summary>
internal sealed record EndedPlacement(Placement Placement, Fleet Fleet, long Position);

/// <summary>A row of <c>preempted_placement</c>.</summary>
internal sealed record PreemptedRow(EndedPlacement Ended, DecisionId By, DateTimeOffset At);
