using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>The canonical form of what happens to sites and of moves.</summary>
internal static class FailoverCodec
{
    private const ulong HasFormer = 1;
    private const ulong HasPreempted = 2;

    public static void Write(CanonicalWriter writer, SiteChanged changed)
    {
        writer.Number((long)changed.Change);
        Write(writer, changed.Condition);
        writer.Text(changed.Because);
    }

    public static SiteChanged ReadChanged(CanonicalReader reader) =>
        new(reader.Enum<SiteChangeKind>(), ReadCondition(reader), reader.Text());

    public static void Write(CanonicalWriter writer, SiteCondition condition)
    {
        writer.Text(condition.Site.Value);
        writer.Number((long)condition.Health);
        writer.Instant(condition.Since);
        writer.Flag(condition.Cordoned);
        writer.Flag(condition.Draining);
        writer.Flag(condition.DeclaredDead);
        writer.Number(condition.Losses);
        writer.Flag(condition.WasGuarded);
        writer.OptionalText(condition.Statement);
    }

    public static SiteCondition ReadCondition(CanonicalReader reader) => new()
    {
        Site = new(reader.Text()),
        Health = reader.Enum<SiteHealth>(),
        Since = reader.Instant(),
        Cordoned = reader.Flag(),
        Draining = reader.Flag(),
        DeclaredDead = reader.Flag(),
        Losses = reader.Int(),
        WasGuarded = reader.Flag(),
        Statement = reader.OptionalText(),
    };

    public static void Write(CanonicalWriter writer, NodeChanged changed)
    {
        WriteNode(writer, changed.Node);
        writer.Number(changed.Duty is { } duty ? (long)duty + 1 : 0);
        writer.Text(changed.Because);
    }

    public static NodeChanged ReadNodeChanged(CanonicalReader reader)
    {
        var node = ReadNode(reader);
        var duty = reader.Int();
        if (duty is < 0 or > (int)NodeDuty.Out + 1) throw reader.Broken("NodeDuty is not known");
        return new(node, duty == 0 ? null : (NodeDuty)(duty - 1), reader.Text());
    }

    public static void Write(CanonicalWriter writer, NodeCondition condition)
    {
        WriteNode(writer, condition.Node);
        writer.Number((long)condition.Duty);
        writer.Instant(condition.Since);
        writer.Text(condition.Statement);
    }

    public static NodeCondition ReadNodeCondition(CanonicalReader reader) =>
        new(ReadNode(reader), reader.Enum<NodeDuty>(), reader.Instant(), reader.Text());

    private static void WriteNode(CanonicalWriter writer, NodeId node)
    {
        writer.Text(node.Pool.Value);
        writer.Number(node.Ordinal);
    }

    private static NodeId ReadNode(CanonicalReader reader) => new(new NodePoolId(reader.Text()), reader.Int());

    /// <summary>Version of plans that end work; others keep the bytes that they had before any could.</summary>
    public const ulong PreemptingVersion = 2;

    /// <summary>Version of plans that say why somebody approved them.</summary>
    public const ulong ApprovedVersion = 3;

    public static ulong VersionOf(MovePlan plan) => plan.Because is not null ? ApprovedVersion
        : plan.Moves.Any(move => move.Preempted.Count > 0) ? PreemptingVersion : 1;

    public static void Write(CanonicalWriter writer, MovePlan plan)
    {
        writer.Id(new DecisionId(plan.Id));
        writer.Number((long)plan.Kind);
        writer.List(plan.Sites, site => writer.Text(site.Value));
        writer.Number(plan.Parent);
        writer.Text(plan.PolicyDigest);
        var version = VersionOf(plan);
        var preempts = version >= PreemptingVersion;
        writer.List(plan.Moves, move =>
        {
            writer.Id(move.Placement);
            WorkloadCodec.WriteUnits(writer, move.From);
            WorkloadCodec.WriteUnits(writer, move.To);
            writer.Number(move.Score);
            if (preempts) writer.List(move.Preempted, writer.Id);
        });
        writer.List(plan.Stays, stay =>
        {
            writer.Id(stay.Placement);
            writer.Text(stay.Reason);
            writer.Text(stay.Because);
        });
        if (version == ApprovedVersion) writer.OptionalText(plan.Because);
    }

    public static MovePlan ReadPlan(CanonicalReader reader, ulong version) => new()
    {
        Id = reader.Id().Value,
        Kind = reader.Enum<MoveKind>(),
        Sites = reader.List(() => new SiteId(reader.Text())),
        Parent = reader.Number(),
        PolicyDigest = reader.Text(),
        Moves = reader.List(() => new PlannedMove(
            reader.Id(), WorkloadCodec.ReadUnits(reader), WorkloadCodec.ReadUnits(reader), reader.Number())
        {
            Preempted = version >= PreemptingVersion ? reader.List(reader.Id) : [],
        }),
        Stays = reader.List(() => new StayPut(reader.Id(), reader.Text(), reader.Text())),
        Because = version == ApprovedVersion ? reader.OptionalText() : null,
    };

    public static void Write(CanonicalWriter writer, MoveStepped stepped)
    {
        writer.Id(stepped.Placement);
        writer.Number((long)stepped.Step);
        writer.Number(stepped.Timeline);
        writer.OptionalText(stepped.Because);
    }

    public static MoveStepped ReadStepped(CanonicalReader reader) =>
        new(reader.Id(), reader.Enum<MoveStep>(), reader.Number(), reader.OptionalText());

    /// <summary>Where a placement was and where it goes.</summary>
    public static void WriteWay(CanonicalWriter writer, Placement placement)
    {
        writer.List(placement.Moved, moved =>
        {
            writer.Text(moved.Site.Value);
            writer.Number(moved.Epoch.Timeline);
            writer.Number(moved.Epoch.Counter);
        });
        // Two flags in one number, so that what ended nothing keeps its bytes.
        writer.Unsigned(
            (placement.Former is null ? 0 : HasFormer) | (placement.Preempted.Count == 0 ? 0 : HasPreempted));
        if (placement.Preempted.Count > 0) writer.List(placement.Preempted, writer.Id);
        if (placement.Former is { } former)
        {
            writer.List(former.Pools, pool => writer.Text(pool.Value));
            writer.Instant(former.At);
        }

        writer.Flag(placement.Move is not null);
        if (placement.Move is not { } move) return;
        writer.Id(new DecisionId(move.Plan));
        writer.Number((long)move.Kind);
        writer.Number((long)move.Step);
        WorkloadCodec.WriteUnits(writer, move.From);
        WorkloadCodec.WriteUnits(writer, move.To);
        writer.Number(move.SteppedAt);
        writer.Instant(move.Since);
        writer.OptionalText(move.Parked);
    }

    public static Placement ReadWay(CanonicalReader reader, Placement placement)
    {
        var moved = reader.List(() =>
            new SiteEpoch(new SiteId(reader.Text()), new Epoch(reader.Number(), reader.Number())));
        var has = reader.Unsigned();
        if (has > (HasFormer | HasPreempted)) throw reader.Broken("what a placement has is not known");
        return placement with
        {
            Moved = moved,
            Preempted = (has & HasPreempted) != 0 ? reader.List(reader.Id) : [],
            Former = (has & HasFormer) != 0
                ? new FormerPlace(reader.List(() => new NodePoolId(reader.Text())), reader.Instant())
                : null,
            Move = reader.Flag() ? ReadMove(reader) : null,
        };
    }

    private static Move ReadMove(CanonicalReader reader) => new()
    {
        Plan = reader.Id().Value,
        Kind = reader.Enum<MoveKind>(),
        Step = reader.Enum<MoveStep>(),
        From = WorkloadCodec.ReadUnits(reader),
        To = WorkloadCodec.ReadUnits(reader),
        SteppedAt = reader.Number(),
        Since = reader.Instant(),
        Parked = reader.OptionalText(),
    };
}
