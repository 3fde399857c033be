using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Workloads;

namespace ControlPlane.Simulation;

/// <summary>
/// One replica of the server: follows the ledger, takes rounds, answers agents. Between any two of its steps at the
/// database it may pause for long, be killed, and be started anew.
/// </summary>
internal sealed class SimServer(string name, VirtualTime time, SimDatabase database, SimTerms terms)
{
    private LedgerState state = SimFleet.Origin.CopyWithoutKeys();
    private RoundPace pace = new(terms.Loss);
    private TimeSpan watchedSince;
    private long timeline = 1;
    private int life;
    private int ids;

    /// <summary>Whether a batch waits for the database; nobody else sees or changes the state meanwhile.</summary>
    private bool isDeciding;

    public bool IsUp { get; private set; } = true;

    public LedgerState State => state;

    public void Begin() => time.In(time.Between(0, 1), () => Round(life));

    public void Kill(TimeSpan downFor)
    {
        if (!IsUp) return;
        time.Note($"{name} killed");
        (IsUp, life) = (false, life + 1);
        time.In(downFor, () =>
        {
            (state, pace) = (SimFleet.Origin.CopyWithoutKeys(), new RoundPace(terms.Loss));
            (IsUp, isDeciding, watchedSince) = (true, false, time.Now);
            Round(life);
        });
    }

    /// <summary>Folds in what others appended; false when the database does not answer.</summary>
    public bool CatchUp()
    {
        if (!database.IsUp || isDeciding) return false;
        var from = (int)(state.Position - SimFleet.Origin.Position);
        for (var index = from; index < database.Records.Count; index++) state.Fold(database.Records[index]);
        state.Settle();
        return true;
    }

    /// <summary>Appends something that an operator or a client asked for.</summary>
    public void Submit(Func<LedgerState, LedgerEvent?> decide)
    {
        if (!IsUp || !CatchUp() || decide(state) is not { } ledgerEvent) return;
        var mark = state.Mark();
        Land(mark, [state.Append(ledgerEvent, time.Instant)], []);
    }

    public DesiredWork? Desired(SiteId site, AgentSession session, long after)
    {
        if (!IsUp || isDeciding || !database.IsUp || database.LeaseOf(site) is not { IsOver: false } lease) return null;
        if (lease.Session != session) return null;
        if (terms.Defect != Defect.StaleServer && state.Position < lease.OpenedAt) return null;
        var revision = state.World.RevisionOf(site);
        if (revision <= after) return null;
        var orders = terms.Defect == Defect.OrdersWhileLost
            ? OrdersAsIfWell(site)
            : SiteWork.OrdersFor(state.World, site);
        return new DesiredWork { Session = session, Revision = revision, Full = true, After = after, Orders = orders };
    }

    public long RevisionOf(SiteId site) => state.World.RevisionOf(site);

    private Seq<WorkOrder> OrdersAsIfWell(SiteId site)
    {
        if (state.World.Sites.Find(site) is not { Health: SiteHealth.Lost } lost)
            return SiteWork.OrdersFor(state.World, site);
        var mark = state.Mark();
        state.Append(
            new SiteChanged(SiteChangeKind.Returned, lost with { Health = SiteHealth.Recovering }, ""), time.Instant);
        var orders = SiteWork.OrdersFor(state.World, site);
        state.UndoTo(mark);
        return orders;
    }

    /// <summary>Catch up, look, decide, append: a pause between each.</summary>
    private void Round(int of)
    {
        if (of != life) return;
        time.In(time.Between(0.5, 1.5) + time.Pause(), () =>
        {
            if (of != life) return;
            if (!CatchUp())
            {
                Round(of);
                return;
            }

            if (timeline != database.Timeline) (timeline, watchedSince) = (database.Timeline, time.Now);
            var sights = database.ReadSights();
            time.In(time.Pause(), () => Decide(of, sights));
        });
    }

    private void Decide(int of, Seq<SiteSight> sights)
    {
        if (of != life) return;
        var mark = state.Mark();
        var outcome = FailoverRound.Run(state, new RoundQuestion
        {
            Sights = sights,
            Timeline = timeline,
            WatchedFor = time.Now - watchedSince,
            Now = time.Instant,
            NewId = NewId,
        }, pace);
        var records = Planted(mark, outcome);
        if (records.Count == 0)
        {
            Round(of);
            return;
        }

        isDeciding = true;
        time.In(time.Pause(), () =>
        {
            if (of != life) return;
            isDeciding = false;
            Land(mark, records, outcome.Ends);
            Round(of);
        });
    }

    private void Land(LedgerMark mark, IReadOnlyCollection<LedgerRecord> records, Seq<SessionEnd> ends)
    {
        var events = records.Select(record => record.Event).ToList();
        var landed = database.TryAppend(mark.Position, records, ends);
        if (!landed && terms.Defect == Defect.NoCompareAndSwap && database.IsUp && Force(mark, events, ends)) return;
        // Whether it landed or not is not always known; then it is taken back here, and read again if it did.
        if (!landed || time.Fault(0.02))
        {
            state.UndoTo(mark);
            pace.Forget();
        }
        else state.Settle();

        if (!landed) return;
        foreach (var item in events) time.Note($"{name} {item.Kind} {Of(item)}");
    }

    /// <summary>Appends at the newest position what was decided on an older one.</summary>
    private bool Force(LedgerMark mark, List<LedgerEvent> events, Seq<SessionEnd> ends)
    {
        state.UndoTo(mark);
        if (!CatchUp()) return false;
        var behind = state.Mark();
        try
        {
            var records = events.ConvertAll(item => state.Append(item, time.Instant));
            if (database.TryAppend(behind.Position, records, ends))
            {
                state.Settle();
                return true;
            }
        }
        catch (Exception impossible) when (impossible is LedgerFormatException or NullReferenceException)
        {
            // What it was decided on is gone altogether; even this server notices.
        }

        state.UndoTo(behind);
        return true;
    }

    private IReadOnlyList<LedgerRecord> Planted(LedgerMark mark, RoundOutcome outcome)
    {
        if (terms.Defect is not (Defect.NeverUndone or Defect.Lawless or Defect.LeftBehind or Defect.NoRemedy))
            return outcome.Records;
        var events = outcome.Records.Select(record => record.Event).ToList();
        state.UndoTo(mark);
        if (terms.Defect == Defect.NeverUndone)
            events.RemoveAll(item => item is MoveStepped { Step: MoveStep.Undone });
        else if (terms.Defect == Defect.NoRemedy)
            events = [.. LeftBehind.Unremedied(events)];
        else if (terms.Defect == Defect.LeftBehind)
            events = [.. events.Select(item => LeftBehind.Of(state, item)).OfType<LedgerEvent>()];
        else
            events = events.ConvertAll(item => item switch
            {
                PlanLanded { Plan: var plan } => new PlanLanded(Lawless.Plan(state, plan)),
                MoveStepped step => Lawless.Step(state, step, timeline),
                _ => item,
            });
        return events.ConvertAll(item => state.Append(item, time.Instant));
    }

    private static string Of(LedgerEvent item) => item switch
    {
        SiteChanged changed => $"{changed.Condition.Site} {changed.Because}",
        PlanLanded landed => $"{landed.Plan.Kind} {landed.Plan.Moves.Count} moves {landed.Plan.Stays.Count} stay",
        MoveStepped stepped => $"{stepped.Placement.Value.ToString()[..8]} {stepped.Step} {stepped.Because}",
        PlacementReleased released => released.Id.ToString()[..8],
        _ => "",
    };

    private Guid NewId() => new(++ids, (short)life, (short)name[^1], [1, 0, 0, 0, 0, 0, 0, 0]);
}

/// <summary>What a run is made with.</summary>
internal sealed record SimTerms(LossTerms Loss, Defect Defect)
{
    public static SimTerms For(Defect defect) => new(
        new LossTerms
        {
            HoldDown = TimeSpan.FromSeconds(15),
            LongestHoldDown = TimeSpan.FromSeconds(60),
            FailbackAfter = TimeSpan.FromSeconds(30),
            PlanAgain = TimeSpan.FromSeconds(5),
            LawAgain = TimeSpan.FromSeconds(5),
            StopPatience = TimeSpan.FromSeconds(30),
            StartPatience = TimeSpan.FromSeconds(60),
            MassPercent = 60,
            StartsPerMinute = 12,
            MostMovingToSite = 2,
            Drift = defect == Defect.NoGrace ? -1.0 / 3 : 0.02,
            Grace = defect == Defect.NoGrace ? TimeSpan.Zero : TimeSpan.FromSeconds(2),
        },
        defect);
}
