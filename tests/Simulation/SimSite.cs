using ControlPlane.Failover;
using ControlPlane.Workloads;

namespace ControlPlane.Simulation;

/// <summary>
/// A site: its agent, which is the one that runs in a real site, on a clock of its own, and a scheduler that starts
/// and stops work with delays and by itself ends what is exclusive when the guard says so.
/// </summary>
internal sealed class SimSite
{
    private readonly VirtualTime time;
    private readonly SimTerms terms;
    private readonly SimRuns runs;
    private readonly double rate;
    private readonly double offsetSeconds;
    private readonly bool canGuard;
    private readonly SortedDictionary<(DecisionId, Epoch), ObservedWork> work = [];
    private readonly HashSet<(DecisionId, Epoch)> guarded = [];
    private AgentDecider agent;
    private bool isGuarded;
    private TimeSpan schedulerDownUntil;
    private TimeSpan guardUntil = TimeSpan.MaxValue;
    private TimeSpan tickAt = TimeSpan.MaxValue;
    private int life;
    private int power;
    private long sessions;
    private TimeSpan pausedUntil;

    public SimSite(SiteId id, VirtualTime time, SimTerms terms, SimRuns runs)
    {
        (Id, this.time, this.terms, this.runs) = (id, time, terms, runs);
        // The slow end is the dangerous one; the promise is 2 %.
        rate = time.Chance(0.3) ? 0.98 : time.Chance(0.2) ? 1.02 : 0.98 + (time.Dice.NextDouble() * 0.04);
        offsetSeconds = time.Dice.NextDouble() * 10_000;
        canGuard = !time.Chance(0.15);
        agent = NewAgent();
    }

    public SiteId Id { get; }

    public required SimNetwork Network { get; init; }

    public bool HasPower { get; private set; } = true;

    public bool AgentIsUp { get; private set; }

    /// <summary>What runs here now.</summary>
    public IEnumerable<ObservedWork> Work => work.Values;

    private TimeSpan Local => ToLocal(time.Now);

    public void StartAgent()
    {
        if (!HasPower || AgentIsUp) return;
        // An agent may be started without what it needs to guard; what it starts then is never guarded.
        isGuarded = canGuard && !time.Fault(0.2);
        (AgentIsUp, agent, life) = (true, NewAgent(), life + 1);
        time.Note($"{Id} agent starts");
        Do(agent.Begin(NextSession(), Local));
    }

    public void KillAgent(TimeSpan downFor)
    {
        if (!AgentIsUp) return;
        time.Note($"{Id} agent killed");
        (AgentIsUp, life, tickAt) = (false, life + 1, TimeSpan.MaxValue);
        time.In(downFor, StartAgent);
    }

    /// <summary>
    /// The scheduler dies with the agent, and forgets that what is exclusive here was ever started: when it comes back
    /// it starts that again, on its own account.
    /// </summary>
    public void ForgetStarts(TimeSpan downFor)
    {
        // While it is down it cannot die again.
        if (!HasPower || schedulerDownUntil > time.Now) return;
        time.Note($"{Id} scheduler dies");
        var forgotten = work.Where(item => item.Value is { RunClass: RunClass.Exclusive, IsLive: true }).ToList();
        var at = power;
        schedulerDownUntil = time.Now + downFor;
        KillAgent(downFor + time.Between(-2, 5));
        time.In(downFor, () =>
        {
            foreach (var (key, item) in forgotten)
            {
                if (at != power || work.ContainsKey(key)) continue;
                var queued = item with { Status = WorkStatus.Starting };
                work[key] = queued;
                time.In(time.Between(0.2, 3), () => StartAgain(key, queued, at));
            }
        });
    }

    /// <summary>What the scheduler starts again ends itself at once where its guard has run out.</summary>
    private void StartAgain((DecisionId Placement, Epoch Epoch) key, ObservedWork queued, int at)
    {
        // What was taken out of its queue, and maybe started anew since, is another.
        if (at != power || !work.TryGetValue(key, out var now) || !ReferenceEquals(now, queued)) return;
        work.Remove(key);
        if (guarded.Contains(key) && Local >= guardUntil) return;
        work[key] = queued with { Status = WorkStatus.Running };
        runs.Again(Id, key.Placement, key.Epoch);
    }

    /// <summary>Stops the agent's process where it is; what arrives meanwhile waits.</summary>
    public void PauseAgent(TimeSpan span)
    {
        time.Note($"{Id} agent paused for {span.TotalSeconds:0.0} s");
        pausedUntil = time.Now + span;
    }

    /// <summary>Everything stops at once, and comes back empty.</summary>
    public void CutPower(TimeSpan downFor)
    {
        if (!HasPower) return;
        time.Note($"{Id} loses power");
        foreach (var key in work.Keys.ToList()) Remove(key);
        (HasPower, AgentIsUp, tickAt) = (false, false, TimeSpan.MaxValue);
        (life, power) = (life + 1, power + 1);
        time.In(downFor, () =>
        {
            HasPower = true;
            time.In(time.Between(0.5, 5), StartAgent);
        });
    }

    /// <summary>Hands something to the agent, as soon as its process runs, if it still is the same one.</summary>
    public void Learn(AgentEvent learnt, int of)
    {
        if (of != life || !AgentIsUp) return;
        if (pausedUntil > time.Now)
        {
            time.In(pausedUntil - time.Now + TimeSpan.FromMilliseconds(1), () => Learn(learnt, of));
            return;
        }

        if (terms.Defect == Defect.GuardAtOnce && learnt is RenewAnswered { Answer: { Refusal: null } answer })
            Guard(TimeSpan.FromMilliseconds(answer.SentAtMilliseconds + answer.LeaseMilliseconds));
        Do(agent.Take(Planted(learnt), Local));
    }

    private AgentEvent Planted(AgentEvent learnt) => (terms.Defect, learnt) switch
    {
        (Defect.LeaseFromAnswer, RenewAnswered { Answer: { Refusal: null } answer }) =>
            new RenewAnswered(answer with { SentAtMilliseconds = (long)Local.TotalMilliseconds }),
        (Defect.StaleSession, DesiredArrived { Desired: var desired }) when agent.Session is { } session =>
            new DesiredArrived(desired with
            {
                Session = session, Revision = Math.Max(desired.Revision, agent.Revision),
            }),
        _ => learnt,
    };

    private void Do(Seq<AgentAction> actions)
    {
        foreach (var action in actions)
        {
            var of = life;
            switch (action)
            {
                case SendRenew renew:
                    Network.Renew(this, renew.Request, answer => Learn(new RenewAnswered(answer), of));
                    break;
                case AskDesired ask:
                    Network.Desired(this, ask, (desired, session) => Learn(
                        desired is null ? new DesiredFailed(session) : new DesiredArrived(desired), of));
                    break;
                case SendReport report:
                    Network.Report(this, report.Report, answer => Learn(new ReportAnswered(answer), of));
                    break;
                case LookAtWork look:
                    Look(look.Look, of);
                    break;
                case StartWork start:
                    Start(start.Order, of);
                    break;
                case StopWork stop:
                    Stop(stop, of);
                    break;
                case GuardWork guard:
                    Guard(guard.Until);
                    break;
                case NeedSession:
                    time.In(TimeSpan.FromMilliseconds(100), () => BeginSession(of));
                    break;
            }
        }

        Tick();
    }

    private void BeginSession(int of)
    {
        if (of == life && agent.Session is null) Do(agent.Begin(NextSession(), Local));
    }

    /// <summary>Ticks the agent when it wants to be, once for each instant.</summary>
    private void Tick()
    {
        if (!AgentIsUp) return;
        if (agent.NextTick(Local) is var due && due == TimeSpan.MaxValue) return;
        var next = ToReal(due);
        if (next < time.Now) next = time.Now;
        next += TimeSpan.FromMilliseconds(1);
        if (tickAt <= next && tickAt > time.Now) return;
        tickAt = next;
        var of = life;
        time.In(next - time.Now, () =>
        {
            if (of == life && tickAt == time.Now) Learn(new Ticked(), of);
        });
    }

    /// <summary>Lists what there is at an instant between the question and the answer.</summary>
    private void Look(long look, int of) => time.In(time.Between(0.01, 0.3), () =>
    {
        Seq<ObservedWork> seen = [.. work.Values];
        var lost = time.Fault(0.02) || schedulerDownUntil > time.Now;
        time.In(time.Between(0.01, 0.5), () => Learn(lost ? new WorkNotSeen(look) : new WorkSeen(look, seen), of));
    });

    /// <summary>
    /// A start takes its time to reach the scheduler; there it is asked once more whether it still stands, and the
    /// scheduler itself takes nothing exclusive after the guard ran out.
    /// </summary>
    private void Start(WorkOrder order, int of)
    {
        var at = power;
        time.In(time.Fault(0.15) ? time.Between(3, 30) : time.Between(0.02, 1), () =>
        {
            if (at != power || of != life) return;
            if (pausedUntil > time.Now)
            {
                time.In(pausedUntil - time.Now, () => Start(order, of));
                return;
            }

            var stands = agent.MayStart(order, Local);
            var inTime = !isGuarded || order.RunClass == RunClass.Sticky || Local < guardUntil;
            if (stands && inTime && schedulerDownUntil <= time.Now) Put(order);
            Learn(new WorkActed(order.Placement, order.Epoch), of);
        });
    }

    private void Put(WorkOrder order)
    {
        var key = (order.Placement, order.Epoch);
        if (work.ContainsKey(key)) return;
        if (terms.Defect == Defect.StartForgotten && time.Chance(0.1))
        {
            work[key] = Of(order, WorkStatus.Failed);
            return;
        }

        work[key] = Of(order, WorkStatus.Starting);
        if (isGuarded) guarded.Add(key);
        runs.Begin(Id, order);
        time.In(time.Between(0.1, 3), () =>
        {
            if (work.TryGetValue(key, out var item) && item.Status == WorkStatus.Starting)
                work[key] = item with { Status = WorkStatus.Running };
        });
    }

    private void Stop(StopWork stop, int of)
    {
        var at = power;
        var isFence = terms.Defect == Defect.NoFencing && agent.LeaseEnd <= Local;
        time.In(time.Between(0.05, 4.5), () =>
        {
            if (at == power && !isFence && schedulerDownUntil <= time.Now) Remove((stop.Placement, stop.Epoch));
            Learn(new WorkActed(stop.Placement, stop.Epoch), of);
        });
    }

    private void Guard(TimeSpan until)
    {
        if (!isGuarded) return;
        guardUntil = until;
        if (terms.Defect is Defect.FalseGuard or Defect.NoFencing) guardUntil = TimeSpan.MaxValue;
        var at = power;
        time.In(TimeSpan.FromTicks(Math.Max(0, (ToReal(until) - time.Now).Ticks)), () =>
        {
            if (guardUntil != until || at != power) return;
            time.In(time.Between(0.05, 2), () =>
            {
                if (guardUntil > Local || at != power) return;
                foreach (var key in work.Keys
                    .Where(key => work[key].RunClass == RunClass.Exclusive && guarded.Contains(key)).ToList())
                    Remove(key);
            });
        });
    }

    private void Remove((DecisionId Placement, Epoch Epoch) key)
    {
        if (work.Remove(key, out var item) && item.IsLive) runs.End(Id, key.Placement, key.Epoch);
    }

    private AgentDecider NewAgent() => new(new AgentTerms { Guarded = isGuarded });

    private AgentSession NextSession() => new(++sessions, $"{time.Dice.Next():x}");

    private TimeSpan ToLocal(TimeSpan real) => TimeSpan.FromSeconds(offsetSeconds + (real.TotalSeconds * rate));

    private TimeSpan ToReal(TimeSpan local) =>
        TimeSpan.FromSeconds((local.TotalSeconds - offsetSeconds) / rate);

    private static ObservedWork Of(WorkOrder order, WorkStatus status) => new()
    {
        Placement = order.Placement, Epoch = order.Epoch, RunClass = order.RunClass, Status = status,
    };
}
