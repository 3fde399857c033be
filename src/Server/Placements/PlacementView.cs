using System.ComponentModel;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Placements;

/// <summary>Shows a placement or hold as it is now; amounts are totals over its units.</summary>
internal sealed record PlacementView
{
    public Guid Id { get; init; }
    public string Tenant { get; init; } = "";
    public string Workload { get; init; } = "";

    [AllowedText("service", "batch", "gang")]
    public string Kind { get; init; } = "";

    public string DataClass { get; init; } = "";

    [Description("preempted: it ended to make room for other work; ask for a place again.")]
    [AllowedText("bound", "held", "preempted")]
    public string State { get; init; } = "";

    [Description("End of the hold; absent when bound.")]
    public DateTime? HoldUntil { get; init; }

    public DateTime? BoundAt { get; init; }

    [Description("Absent when units run in several.")]
    public string? Region { get; init; }

    [Description("Absent when units run at several.")]
    public string? Site { get; init; }

    [Description("Absent when units run in several.")]
    public string? Cluster { get; init; }

    public int Units { get; init; }
    public long AcceleratorMilli { get; init; }
    public long CpuMilli { get; init; }
    public long MemoryMib { get; init; }

    [Description("Counts the starts of the workload; If-Match takes it.")]
    public long Epoch { get; init; }

    [Description("Ledger position of the decision.")]
    public long Position { get; init; }

    [Description("Placement that it made room for; absent unless preempted.")]
    public Guid? PreemptedBy { get; init; }

    public DateTime? PreemptedAt { get; init; }
}

/// <summary>Holds one page of placements.</summary>
internal sealed record PlacementPage(IReadOnlyList<PlacementView> Placements, string? NextPageToken);
