using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Policies;

/// <summary>Whose work may end to make room.</summary>
public enum PreemptionReach
{
    /// <summary>That of the tenant who asks.</summary>
    Own,

    /// <summary>That of any tenant.</summary>
    Any,
}

/// <summary>
/// Lets requests that the policy matches end running work of a lower band of priority when there is no room otherwise.
/// Without such a rule nothing that runs is ever ended for something else.
/// </summary>
[FileCase("preemption")]
public sealed record PreemptionRule : PolicyRule
{
    [Description("own: only work of the tenant who asks; any: work of every tenant.")]
    public required PreemptionReach Whose { get; init; }

    [Description("Requests of at least this priority may do it; every priority when left out.")]
    [Range(0, 1000)]
    public int? FromPriority { get; init; }

    [Description("Work of this priority or more is spared; all of lower bands may end when left out.")]
    [Range(1, 1000)]
    public int? VictimsBelow { get; init; }

    [Description("true: only work with the label preemptible: \"true\" may end.")]
    public bool OnlyPreemptible { get; init; }

    public override EnforcementPoints Points => EnforcementPoints.Preemption;

    /// <summary>Whether the rule lets a request end anything at all.</summary>
    public bool Lets(PlacementRequest asks) => asks.Priority >= (FromPriority ?? 0);

    /// <summary>Whether the rule lets a request end this work, whatever band it is of.</summary>
    public bool Lets(PlacementRequest asks, PlacementRequest running) =>
        (Whose == PreemptionReach.Any || running.Tenant == asks.Tenant)
        && !(VictimsBelow is { } below && running.Priority >= below)
        && (!OnlyPreemptible || ReservationBook.IsPreemptible(running));

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (FromPriority is { } from && VictimsBelow is { } below && below > from)
            yield return new("rule-conflict", $"{path}.victimsBelow",
                $"is {below}; what is as urgent as what asks from {from} on is never ended");
    }
}
