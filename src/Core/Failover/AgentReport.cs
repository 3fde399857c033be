using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>What an agent sees at its site. <c>POST /v1/agent/report</c>.</summary>
public sealed record AgentReport
{
    public required AgentSession Session { get; init; }

    /// <summary>
    /// Revision of desired work that was known before the work was looked at: what is not reported was not running
    /// then, and is not being started on the word of an earlier revision.
    /// </summary>
    public required long Revision { get; init; }

    /// <summary>Counts the reports of a session, so that an old one that arrives late is known as such.</summary>
    public required long Sequence { get; init; }

    public required Seq<ObservedWork> Work { get; init; }

    /// <summary>Whether what this session starts is guarded; null when it is not.</summary>
    public bool? Guarded { get; init; }

    /// <summary>Whether nothing exclusive can be here that was started without a guard.</summary>
    public bool ShowsGuard() =>
        Guarded == true && !Work.Any(work => work is { RunClass: RunClass.Exclusive, IsLive: true });

    public Seq<NodeReport> Nodes { get; init; }

    public Seq<HealthSignal> Signals { get; init; }
}

/// <summary>Answers a report.</summary>
/// <param name="Accepted">False when the session is not the site's; then the agent renews and learns why.</param>
public sealed record ReportAnswer(AgentSession Session, bool Accepted);

/// <summary>How far work is, as its scheduler says.</summary>
public enum WorkStatus
{
    /// <summary>It was asked for and does not run yet: waiting, pulling, or in a queue.</summary>
    Starting,
    Running,

    /// <summary>It was told to stop and may still run.</summary>
    Stopping,

    /// <summary>It ended by itself and well.</summary>
    Finished,

    /// <summary>It ended by itself and not well.</summary>
    Failed,
}

/// <summary>Work that is at a site. What was stopped is not reported at all.</summary>
public sealed record ObservedWork
{
    public required DecisionId Placement { get; init; }

    public required Epoch Epoch { get; init; }

    public required RunClass RunClass { get; init; }

    public required WorkStatus Status { get; init; }

    /// <summary>Why, for people; null when there is nothing to say.</summary>
    public string? Detail { get; init; }

    /// <summary>Whether it may act: anything that has not come to its end.</summary>
    public bool IsLive => Status is WorkStatus.Starting or WorkStatus.Running or WorkStatus.Stopping;
}

/// <summary>A node as its scheduler sees it.</summary>
public sealed record NodeReport
{
    public required NodePoolId NodePool { get; init; }

    public required int Node { get; init; }

    public required bool Ready { get; init; }

    /// <summary>Accelerators that are broken.</summary>
    public Seq<int> BrokenDevices { get; init; }

    public string? Detail { get; init; }
}

/// <summary>Who says something about the health of a site.</summary>
public enum SignalSource
{
    /// <summary>The site's own agent, about its cluster's scheduler.</summary>
    Driver,

    /// <summary>The agent of another site that reaches for this one.</summary>
    Peer,

    /// <summary>What the provider of the site says.</summary>
    Provider,

    /// <summary>A person, on the record.</summary>
    Operator,
}

/// <summary>One dated statement on the health of a site.</summary>
public sealed record HealthSignal
{
    public required SiteId Site { get; init; }

    public required SignalSource Source { get; init; }

    public required bool Healthy { get; init; }

    /// <summary>How sure the source is, 0 to 100.</summary>
    public required int ConfidencePercent { get; init; }

    /// <summary>How old the statement was when it was sent.</summary>
    public required long AgeMilliseconds { get; init; }

    public string? Detail { get; init; }
}
