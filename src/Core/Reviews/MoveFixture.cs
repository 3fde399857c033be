using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Reviews;

/// <summary>A move that a case is about: where the workload runs, why it would move, and what else moves.</summary>
public sealed record MoveFixture
{
    [Description("Place of the file, or declared node pool, that the workload runs at.")]
    public required string From { get; init; }

    [Description("failover, failback, planned, defragmentation, decommission or remedy.")]
    public required MoveKind Kind { get; init; }

    [Description("Minute of the day (UTC) at which it would start, 0 to 1439; noon when left out.")]
    [Range(0, 1_439)]
    public int? MinuteOfDay { get; init; }

    [Description("Like workloads that are on a move already; none when left out.")]
    [Range(0, 10_000)]
    public int? InFlight { get; init; }

    [Description("Minutes for which the place of a failback has been stable; it is not when left out.")]
    [Range(0, 525_600)]
    public int? StableMinutes { get; init; }

    /// <summary>The question to the law, of one request at a pool, on a day.</summary>
    internal MoveQuestion Question(
        PlacementRequest request, (NodePoolId From, NodePoolId To) pools, DateTimeOffset noon)
    {
        var asOf = noon.AddMinutes((MinuteOfDay ?? 720) - 720);
        var moving = Enumerable.Range(1, InFlight ?? 0).Select(number => At(number)).ToSeq();
        return new(At(0), pools.To, Kind, moving, asOf)
        {
            StableSince = StableMinutes is { } minutes ? asOf.AddMinutes(-minutes) : null,
        };

        Placement At(int number) => new()
        {
            Id = new DecisionId(new Guid(number + 1, 1, 0, new byte[8])),
            Request = request,
            State = PlacementState.Bound,
            Epoch = 1,
            Units = [new UnitBinding(new NodeId(pools.From, 0), 0, 0)],
            DecidedAt = noon,
        };
    }
}
