using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>Something that an agent learns.</summary>
public abstract record AgentEvent;

/// <summary>Time has gone on.</summary>
public sealed record Ticked : AgentEvent;

/// <summary>A renewal was answered.</summary>
public sealed record RenewAnswered(RenewAnswer Answer) : AgentEvent;

/// <summary>Desired work came in.</summary>
public sealed record DesiredArrived(DesiredWork Desired) : AgentEvent;

/// <summary>The question for desired work ended without an answer.</summary>
public sealed record DesiredFailed(AgentSession Session) : AgentEvent;

/// <summary>A report was answered, or was not (null).</summary>
public sealed record ReportAnswered(ReportAnswer? Answer) : AgentEvent;

/// <summary>The driver listed all work at the site, as <see cref="LookAtWork"/> asked.</summary>
public sealed record WorkSeen(long Look, Seq<ObservedWork> Work) : AgentEvent;

/// <summary>The driver could not be asked.</summary>
public sealed record WorkNotSeen(long Look) : AgentEvent;

/// <summary>A start or stop came to its end: it took, it failed, or it was not tried after all.</summary>
public sealed record WorkActed(DecisionId Placement, Epoch Epoch) : AgentEvent;

/// <summary>Something that an agent has to do.</summary>
public abstract record AgentAction;

/// <summary>Send a renewal now.</summary>
public sealed record SendRenew(RenewRequest Request) : AgentAction;

/// <summary>Ask for desired work that is newer; there is one such question at a time.</summary>
public sealed record AskDesired(AgentSession Session, long After) : AgentAction;

/// <summary>Send a report; the host adds nodes and signals.</summary>
public sealed record SendReport(AgentReport Report) : AgentAction;

/// <summary>List all work at the site, of every epoch; there is one such look at a time.</summary>
public sealed record LookAtWork(long Look) : AgentAction;

/// <summary>
/// Start work under its epoch, unless <see cref="AgentDecider.MayStart"/> says no at the moment it is done. Starting
/// what is started already changes nothing.
/// </summary>
public sealed record StartWork(WorkOrder Order) : AgentAction;

/// <summary>Stop one epoch of a placement, at once. Stopping what is not there changes nothing.</summary>
public sealed record StopWork(DecisionId Placement, Epoch Epoch) : AgentAction;

/// <summary>
/// Let exclusive work at the site end by itself at this instant of the agent's clock, whatever becomes of the agent. A
/// later word replaces it; an earlier instant takes effect too.
/// </summary>
public sealed record GuardWork(TimeSpan Until) : AgentAction;

/// <summary>Make up a new session and begin it.</summary>
public sealed record NeedSession(string Why) : AgentAction;
