using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>
/// What a site should run, at a revision: everything, or what changed since the revision that was asked after.
/// <c>GET /v1/agent/desired?session=NUMBER-NONCE&amp;after=REVISION</c>; waits while there is nothing new.
/// </summary>
public sealed record DesiredWork
{
    /// <summary>The session it was asked for.</summary>
    public required AgentSession Session { get; init; }

    public required long Revision { get; init; }

    /// <summary>
    /// Whether <see cref="Orders"/> is all there is. When false, it is what changed since <see cref="After"/>.
    /// </summary>
    public required bool Full { get; init; }

    public required long After { get; init; }

    /// <summary>Ordered by placement.</summary>
    public required Seq<WorkOrder> Orders { get; init; }

    /// <summary>Placements that are wanted here no more; only when not <see cref="Full"/>.</summary>
    public Seq<DecisionId> Removed { get; init; }
}

/// <summary>One placement, or the part of it that is at this site, which should run here under one epoch.</summary>
public sealed record WorkOrder
{
    public required DecisionId Placement { get; init; }

    public required Epoch Epoch { get; init; }

    public required TenantId Tenant { get; init; }

    public required string Workload { get; init; }

    public required WorkloadKind Kind { get; init; }

    public required RunClass RunClass { get; init; }

    public required DataClassId DataClass { get; init; }

    public required int Priority { get; init; }

    /// <summary>Whole accelerators of one unit; 0 for none or for a fraction.</summary>
    public required int Accelerators { get; init; }

    /// <summary>Thousandths of one accelerator that a unit shares; 0 for none or for whole ones.</summary>
    public required int AcceleratorShareMilli { get; init; }

    public required long CpuMilli { get; init; }

    public required long MemoryMib { get; init; }

    /// <summary>Digest of the image or model; null when the request names none.</summary>
    public string? Artefact { get; init; }

    public Seq<Label> Labels { get; init; }

    public required Seq<OrderUnit> Units { get; init; }

    /// <summary>
    /// Work that ended to make room for it: it is started only when none of that runs here any more; null for none.
    /// </summary>
    public Seq<DecisionId>? After { get; init; }
}

/// <summary>One unit of an order, on its node.</summary>
public sealed record OrderUnit
{
    /// <summary>Place of the unit in the placement; stable, so that names can be made of it.</summary>
    public required int Ordinal { get; init; }

    public required ClusterId Cluster { get; init; }

    public required NodePoolId NodePool { get; init; }

    public required int Node { get; init; }

    public SkuId? Sku { get; init; }

    public Seq<int> Devices { get; init; }
}
