using ControlPlane.Files;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>
/// What the ledger adds up to at one position: the declared files, the policies in force, and the world. Appending
/// keeps the chain and the world in step; nothing else changes either. One thread owns it.
/// </summary>
public sealed class LedgerState
{
    private readonly SortedDictionary<string, SourceFile> fleetFiles;

    private readonly FleetReader fleets;

    // One thread owns the state, so each record is written out in the same memory.
    private readonly CanonicalWriter chain = new();

    /// <summary>The state before the first record.</summary>
    public LedgerState(FleetReader fleets)
        : this(fleets, [], LedgerRecord.NoHash)
    {
    }

    private LedgerState(LedgerState other)
    {
        fleets = other.fleets;
        fleetFiles = ByPath(other.fleetFiles.Values);
        World = other.World.Copy();
        (Hash, At, FleetPosition, InForce) = (other.Hash, other.At, other.FleetPosition, other.InForce);
        Grants = other.Grants;
        Law = new Law(World.Fleet, other.Law.Policies);
    }

    private LedgerState(FleetReader fleets, IEnumerable<SourceFile> fleetFiles, Seq<byte> hash)
    {
        this.fleets = fleets;
        this.fleetFiles = ByPath(fleetFiles);
        World = new World();
        Hash = hash;
        Law = new Law(World.Fleet, PolicySet.None);
    }

    public World World { get; }

    public long Position => World.Position;

    /// <summary>Hash of the last record; <see cref="LedgerRecord.NoHash"/> before the first.</summary>
    public Seq<byte> Hash { get; private set; }

    /// <summary>Instant of the last record.</summary>
    public DateTimeOffset At { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>The policies in force, applied to the fleet.</summary>
    public Law Law { get; private set; }

    /// <summary>Position of the record that declared the newest fleet; 0 before the first.</summary>
    public long FleetPosition { get; private set; }

    /// <summary>Keys of the requests that were decided; null in a copy that was made without.</summary>
    public KeyIndex? Keys { get; private set; } = new();

    public IReadOnlyCollection<SourceFile> FleetFiles => fleetFiles.Values;

    /// <summary>Which policies are in force where, which were, and what breaks them.</summary>
    public PoliciesInForce InForce { get; private set; } = PoliciesInForce.None;

    /// <summary>What software agents may do, and did.</summary>
    public GrantBook Grants { get; private set; } = GrantBook.Empty;

    /// <summary>
    /// Appends an event: folds it in and chains it. An instant before the last record's is raised to it, so that time
    /// never runs backwards in the ledger.
    /// </summary>
    public LedgerRecord Append(LedgerEvent ledgerEvent, DateTimeOffset at)
    {
        var record = LedgerRecord.Chain((Position + 1, at < At ? At : at), ledgerEvent, Hash, chain);
        Fold(record);
        return record;
    }

    /// <summary>Folds in a record that was appended elsewhere; it must be the next one.</summary>
    public void Fold(LedgerRecord record)
    {
        if (record.Position != Position + 1)
            throw new LedgerFormatException($"record {record.Position} does not follow {Position}");
        Apply(record);
        if (record.Event is PlacementDecided keyed)
            Keys?.Add(KeyIndex.HashOf(keyed.Request.Tenant, keyed.IdempotencyKey), record.Position);
        World.Position = record.Position;
        Hash = record.Hash;
        At = record.At;
    }

    /// <summary>A copy that goes its own way.</summary>
    public LedgerState Copy() => new(this) { Keys = Keys?.Copy() };

    /// <summary>The same without the keys, for whoever only follows the ledger.</summary>
    public LedgerState CopyWithoutKeys() => new(this) { Keys = null };

    /// <summary>Knows no keys from now on, which saves their memory.</summary>
    public void ForgetKeys() => Keys = null;

    /// <summary>A mark to which <see cref="UndoTo"/> can return, as long as nothing behind it was settled.</summary>
    public LedgerMark Mark() =>
        new((World.Mark(), Keys?.Count ?? 0, FleetPosition), Position, Hash, At, Law,
            ([.. fleetFiles.Values], InForce)) 
        {
            Reservations = World.Reservations, Grants = Grants,
        };

    /// <summary>Takes back everything appended since the mark; for a batch that lost the race for the head.</summary>
    public void UndoTo(LedgerMark mark)
    {
        World.UndoTo(mark.WorldMark, mark.Position);
        Keys?.UndoTo(mark.Keys);
        World.Reservations = mark.Reservations;
        (Hash, At, Law, FleetPosition) = (mark.Hash, mark.At, mark.Law, mark.FleetPosition);
        Restore(fleetFiles, mark.FleetFiles);
        (InForce, Grants) = (mark.InForce, mark.Grants);
    }

    /// <summary>Forgets how to take back; what was appended is durable.</summary>
    public void Settle() => World.Settle();

    /// <summary>The same up to a mark; what was appended after it can still be taken back.</summary>
    public void Settle(LedgerMark mark) => World.Settle(mark.WorldMark);

    /// <summary>
    /// What would be wrong if the files were declared now: problems of the files themselves, or placements that would
    /// lose their nodes. Nothing changes.
    /// </summary>
    public Checked<Fleet> CheckFleet(IReadOnlyCollection<SourceFile> files, DateTimeOffset asOf)
    {
        var parsed = fleets.Read(files);
        if (!parsed.IsValid) return parsed;
        if (World.Fleet.Cell is { } cell && parsed.Value.Cell?.Cell != cell.Cell)
        {
            var message = $"must be {cell.Cell}, because this ledger is of that cell";
            return Checked<Fleet>.Invalid([new Problem("cell-changed", "cell", message) { File = RegionFiles.Cell }]);
        }

        var trial = World.Copy().Declare(parsed.Value, asOf);
        return trial.Count > 0 ? Checked<Fleet>.Invalid(trial) : parsed;
    }

    private void Apply(LedgerRecord record)
    {
        Grants = Grants.After(record, World);
        switch (record.Event)
        {
            case FleetDeclared declared:
                Declare(declared, record.At);
                FleetPosition = record.Position;
                break;
            case PoliciesActivated activated:
                InForce = InForce.With(activated, (record.Position, record.At));
                Law = new Law(World.Fleet, Parse(InForce));
                break;
            case LawAudited audited:
                InForce = InForce.With(audited, (record.Position, record.At));
                break;
            case PlacementDecided { Decision: Placed placed } decided:
                End(placed.Preempted);
                World.Add(PlacementOf(decided, placed, record.At));
                break;
            case PlacementReleased released:
                World.Remove(released.Id);
                InForce = InForce.Without(released.Id);
                break;
            case ReservationMade made:
                World.Reservations = World.Reservations.With(made.Reservation);
                break;
            case ReservationEnded ended:
                World.Reservations = World.Reservations.Without(ended.Id);
                break;
            case HoldConfirmed confirmed:
                World.Replace(World.Find(confirmed.Id)! with { State = PlacementState.Bound, HoldUntil = null });
                break;
            case PlanLanded { Plan: var plan }:
                foreach (var move in plan.Moves) End(move.Preempted);
                FailoverFold.Apply(World, record);
                break;
            case SiteChanged or MoveStepped or NodeChanged:
                FailoverFold.Apply(World, record);
                break;
        }
    }

    /// <summary>Ends what makes room, in the record that takes the room.</summary>
    private void End(Seq<DecisionId> preempted)
    {
        foreach (var id in preempted)
        {
            World.Remove(id);
            InForce = InForce.Without(id);
        }
    }

    private static Placement PlacementOf(PlacementDecided decided, Placed placed, DateTimeOffset at) => new()
    {
        Id = decided.Id,
        Request = decided.Request,
        State = decided.HoldUntil is null ? PlacementState.Bound : PlacementState.Held,
        HoldUntil = decided.HoldUntil,
        Epoch = 1,
        Units = placed.Units,
        DecidedAt = at,
        Isolation = placed.Isolation,
        Preempted = placed.Preempted,
    };

    private void Declare(FleetDeclared declared, DateTimeOffset at)
    {
        foreach (var path in declared.Removed) fleetFiles.Remove(path);
        foreach (var file in declared.Changed) fleetFiles[file.Path] = file;
        var parsed = fleets.Read(fleetFiles.Values);
        if (!parsed.IsValid) throw new LedgerFormatException($"a declared fleet is not valid: {parsed.Problems[0]}");
        var problems = World.Declare(parsed.Value, at);
        if (problems.Count > 0)
            throw new LedgerFormatException($"a declared fleet does not hold its placements: {problems[0]}");
        Law = new Law(World.Fleet, Parse(InForce));
    }

    /// <summary>The law as it would be if a set were put in force; nothing changes.</summary>
    public Law LawWith(PoliciesActivated activated) =>
        new(World.Fleet, Parse(InForce.With(activated, (Position + 1, At))));

    private static PolicySet Parse(PoliciesInForce inForce) => PolicyStages.Combine(
        Parse(inForce.Files),
        inForce.Stages.Select(stage => new PolicyStage(stage.Regions, Parse(stage.Files))).ToSeq());

    private static PolicySet Parse(Seq<SourceFile> files)
    {
        if (files.Count == 0) return PolicySet.None;
        var parsed = PolicyFiles.Parse(files);
        return parsed.IsValid
            ? parsed.Value
            : throw new LedgerFormatException($"an active policy is not valid: {parsed.Problems[0]}");
    }

    internal static LedgerState From(FleetReader fleets, LedgerSnapshotContent content)
    {
        var state = new LedgerState(fleets, content.FleetFiles, content.Hash)
        {
            At = content.At, InForce = content.InForce, Grants = content.Grants,
        };
        if (content.FleetFiles.Count > 0) state.Declare(new FleetDeclared([], []), content.At);
        else state.Law = new Law(state.World.Fleet, Parse(state.InForce));
        PlacementColumnsCodec.Read(content.Rest, state.World.Columns);
        foreach (var pool in state.World.Columns.PoolIds)
        {
            if (state.World.Fleet.FindPool(pool) is null)
                throw new LedgerFormatException($"there is no pool {pool} for what runs in it");
        }

        state.World.AccountForAll();
        foreach (var condition in content.Rest.List(() => FailoverCodec.ReadCondition(content.Rest)))
            state.World.Set(condition);
        foreach (var condition in content.Rest.List(() => FailoverCodec.ReadNodeCondition(content.Rest)))
            state.World.Set(condition.Node, condition);
        state.World.Reservations = new ReservationBook(content.Reservations);
        state.World.Position = content.Position;
        (state.FleetPosition, state.Keys) = (content.FleetPosition, content.Keys);
        state.Settle();
        return state;
    }

    private static SortedDictionary<string, SourceFile> ByPath(IEnumerable<SourceFile> files)
    {
        var sorted = new SortedDictionary<string, SourceFile>(StringComparer.Ordinal);
        Restore(sorted, files);
        return sorted;
    }

    private static void Restore(SortedDictionary<string, SourceFile> target, IEnumerable<SourceFile> files)
    {
        var kept = files.ToList();
        target.Clear();
        foreach (var file in kept) target[file.Path] = file;
    }
}

/// <summary>A point in a batch to return to when the batch loses the race for the head.</summary>
public sealed record LedgerMark
{
    internal LedgerMark(
        (long World, int Keys, long Fleet) marks, long position, Seq<byte> hash, DateTimeOffset at, Law law,
        (Seq<SourceFile> Fleet, PoliciesInForce InForce) declared)
    {
        (WorldMark, Keys, FleetPosition) = marks;
        (Position, Hash, At, Law) = (position, hash, at, law);
        (FleetFiles, InForce) = declared;
    }

    internal long WorldMark { get; }
    internal int Keys { get; }
    internal long FleetPosition { get; }
    public long Position { get; }
    public Seq<byte> Hash { get; }
    internal DateTimeOffset At { get; }
    internal Law Law { get; }
    internal Seq<SourceFile> FleetFiles { get; }
    internal ReservationBook Reservations { get; init; } = ReservationBook.Empty;
    internal GrantBook Grants { get; init; } = GrantBook.Empty;
    internal PoliciesInForce InForce { get; }
}
