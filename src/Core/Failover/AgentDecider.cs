using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>
/// Decides what an agent does: takes in what it learns, at an instant of its machine's monotonic clock, and gives what
/// is to be done. It has no clock, no network and no driver of its own, so that the agent's process and the simulation
/// run the same code. One thread owns it.
/// </summary>
public sealed class AgentDecider(AgentTerms terms)
{
    private readonly AgentLease lease = new();
    private readonly AgentWork work = new();
    private TimeSpan renewAt;
    private TimeSpan desiredAt;
    private TimeSpan lookAt;
    private TimeSpan reportAt;
    private bool desiredOpen;
    private long look;
    private long? openLook;
    private long lookRevision;
    private bool lookKnows;
    private bool guardOpen;
    private TimeSpan? guardedUntil;
    private long seenRevision;
    private long sequence;
    private AgentReport? reported;
    private string? needsSession;

    /// <summary>The open session; null while a new one is needed.</summary>
    public AgentSession? Session => lease.Session;

    /// <summary>When exclusive work has to stop; null when nothing is known.</summary>
    public TimeSpan? LeaseEnd => lease.End;

    /// <summary>Revision of the work that is desired, as far as is known.</summary>
    public long Revision => work.Revision;

    /// <summary>
    /// When something is due next, if nothing else happens: the latest instant for the next <see cref="Ticked"/>.
    /// </summary>
    public TimeSpan NextTick(TimeSpan now)
    {
        var next = openLook is null ? lookAt : TimeSpan.MaxValue;
        if (lease.Session is not null && renewAt < next) next = renewAt;
        if (lease.Granted && !desiredOpen && desiredAt < next) next = desiredAt;
        if (lease.Granted && work.IsSeen && reportAt < next) next = reportAt;
        if (lease.End is { } end && end > now && end < next) next = end;
        return next < now ? now : next;
    }

    /// <summary>Begins a session: at the start, and whenever <see cref="NeedSession"/> asked for one.</summary>
    public Seq<AgentAction> Begin(AgentSession session, TimeSpan now)
    {
        lease.Begin(session);
        work.Forget();
        (renewAt, desiredAt, lookAt, reportAt) = (now, now, now, now);
        (desiredOpen, needsSession, reported) = (false, null, null);
        (sequence, lookRevision, seenRevision) = (0, 0, 0);
        (lookKnows, guardOpen) = (false, !terms.Guarded);
        return Act(now).ToSeq();
    }

    /// <summary>Takes in an event and says what is to be done.</summary>
    public Seq<AgentAction> Take(AgentEvent learnt, TimeSpan now)
    {
        var first = new List<AgentAction>();
        switch (learnt)
        {
            case RenewAnswered { Answer: var answer }:
                Take(answer, now, first);
                break;
            case DesiredArrived { Desired: var desired }:
                Take(desired, now);
                break;
            case DesiredFailed { Session: var session } when session == lease.Session:
                (desiredOpen, desiredAt) = (false, now + terms.RetryAfter);
                break;
            case ReportAnswered { Answer: { } answer } when answer.Session == lease.Session && answer.Accepted:
                reportAt = now + terms.ReportEvery;
                break;
            case WorkSeen { Look: var number, Work: var seen } when number == openLook:
                openLook = null;
                work.Take(seen);
                seenRevision = lookRevision;
                OpenGuard(first);
                if (reported?.Revision != seenRevision || reported.Work != work.Seen) reportAt = now;
                break;
            case WorkNotSeen { Look: var number } when number == openLook:
                openLook = null;
                break;
            case WorkActed { Placement: var placement, Epoch: var epoch }:
                work.Acted(placement, epoch);
                lookAt = now;
                break;
        }

        return first.Concat(Act(now)).ToSeq();
    }

    /// <summary>Whether an order may still be carried out; asked at the last moment before it is.</summary>
    public bool MayStart(WorkOrder order, TimeSpan now) =>
        lease.HoldsAt(now) && work.IsWanted(order) && (guardOpen || order.RunClass == RunClass.Sticky);

    private void Take(RenewAnswer answer, TimeSpan now, List<AgentAction> first)
    {
        needsSession = lease.Take(answer, now) ?? needsSession;
        Guard(first);
        // A site that hears of newer work asks for it at once.
        if (lease.Granted && answer.Revision > work.Revision && desiredAt > now) desiredAt = now;
    }

    /// <summary>
    /// A scheduler that was away may start again, on its own account, what was ended while it was. So in a new session
    /// the guard is put off for the first time only after a look that knew what is desired and found nothing else.
    /// </summary>
    private void OpenGuard(List<AgentAction> first)
    {
        if (guardOpen || !lookKnows || work.HasUnwantedExclusive) return;
        guardOpen = true;
        Guard(first);
    }

    /// <summary>Lets the guard follow the lease; an earlier end takes effect even while it is not put off.</summary>
    private void Guard(List<AgentAction> first)
    {
        if (lease.End is not { } end || end == guardedUntil) return;
        if (!guardOpen && !(end < guardedUntil)) return;
        guardedUntil = end;
        first.Add(new GuardWork(end));
    }

    private void Take(DesiredWork desired, TimeSpan now)
    {
        if (desired.Session != lease.Session) return;
        var news = desired.Revision > work.Revision;
        desiredOpen = false;
        desiredAt = work.Take(desired) ? now : now + terms.RetryAfter;
        if (news && work.Revision == desired.Revision) lookAt = now;
    }

    private IEnumerable<AgentAction> Act(TimeSpan now)
    {
        if (lease.Session is null && needsSession is { } why)
        {
            needsSession = null;
            yield return new NeedSession(why);
        }

        if (lease.Session is { } session && now >= renewAt)
        {
            renewAt = now + lease.RenewEvery(terms);
            yield return new SendRenew(new RenewRequest
            {
                Session = session,
                SentAtMilliseconds = (long)now.TotalMilliseconds,
                Guarded = terms.Guarded,
            });
        }

        if (lease is { Session: { } asking, Granted: true } && !desiredOpen && now >= desiredAt)
        {
            desiredOpen = true;
            yield return new AskDesired(asking, work.Revision);
        }

        foreach (var action in work.Act(lease.HoldsAt(now), lease.IsOverAt(now), guardOpen)) yield return action;
        if (openLook is null && now >= lookAt)
        {
            lookAt = now + terms.LookEvery;
            (lookKnows, lookRevision) = (work.IsKnown, work.IsKnown ? work.Revision : 0);
            work.Look();
            openLook = ++look;
            yield return new LookAtWork(look);
        }

        if (lease is { Session: { } reporting, Granted: true } && work.IsSeen && now >= reportAt)
            yield return Report(reporting, now);
    }

    private SendReport Report(AgentSession session, TimeSpan now)
    {
        reportAt = now + terms.RetryAfter;
        reported = new AgentReport
        {
            Session = session, Revision = seenRevision, Sequence = ++sequence, Work = work.Seen,
            Guarded = terms.Guarded ? true : null,
        };
        return new SendReport(reported);
    }
}
