using System.Diagnostics;
using ControlPlane.Files;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>
/// The canonical form of events: kind, version of the kind, fields in fixed order. A kind whose fields change gets a
/// new version; the old one stays readable for ever.
/// </summary>
internal static class EventCodec
{
    private const ulong FleetDeclaredKind = 1;
    private const ulong PoliciesActivatedKind = 2;
    private const ulong PlacementDecidedKind = 3;
    private const ulong PlacementReleasedKind = 4;
    private const ulong HoldConfirmedKind = 5;
    private const ulong AccessDeniedKind = 16;
    private const ulong EmergencyRecordedKind = 17;
    private const ulong AgentGrantedKind = 18;
    private const ulong GrantEndedKind = 19;
    private const ulong AgentsHaltedKind = 21;
    private const ulong RecordsRetiredKind = 22;
    private const ulong ReservationMadeKind = 40;
    private const ulong ReservationEndedKind = 41;
    private const ulong LawAuditedKind = 20;
    private const ulong SiteChangedKind = 30;
    private const ulong PlanLandedKind = 31;
    private const ulong MoveSteppedKind = 32;
    private const ulong NodeChangedKind = 33;

    public static void Write(CanonicalWriter writer, LedgerEvent ledgerEvent)
    {
        switch (ledgerEvent)
        {
            case FleetDeclared declared:
                Head(writer, FleetDeclaredKind);
                Write(writer, declared);
                break;
            case PoliciesActivated activated:
                Head(writer, PoliciesActivatedKind, LawCodec.Version);
                LawCodec.Write(writer, activated);
                break;
            case LawAudited audited:
                Head(writer, LawAuditedKind);
                LawCodec.Write(writer, audited);
                break;
            case PlacementDecided decided:
                Head(writer, PlacementDecidedKind, WorkloadCodec.VersionOf(decided.Request));
                WriteDecided(writer, decided);
                break;
            case PlacementReleased released:
                Head(writer, PlacementReleasedKind);
                Write(writer, released);
                break;
            case HoldConfirmed confirmed:
                Head(writer, HoldConfirmedKind);
                writer.Id(confirmed.Id);
                break;
            case SiteChanged changed:
                Head(writer, SiteChangedKind);
                FailoverCodec.Write(writer, changed);
                break;
            case PlanLanded landed:
                Head(writer, PlanLandedKind, FailoverCodec.VersionOf(landed.Plan));
                FailoverCodec.Write(writer, landed.Plan);
                break;
            case MoveStepped stepped:
                Head(writer, MoveSteppedKind);
                FailoverCodec.Write(writer, stepped);
                break;
            case EmergencyRecorded emergency:
                Head(writer, EmergencyRecordedKind);
                Write(writer, emergency);
                break;
            case AccessDenied denied:
                Head(writer, AccessDeniedKind);
                Write(writer, denied);
                break;
            default:
                WriteOther(writer, ledgerEvent);
                break;
        }
    }

    private static void WriteOther(CanonicalWriter writer, LedgerEvent ledgerEvent)
    {
        switch (ledgerEvent)
        {
            case NodeChanged changed:
                Head(writer, NodeChangedKind);
                FailoverCodec.Write(writer, changed);
                break;
            case ReservationMade made:
                Head(writer, ReservationMadeKind);
                ReservationCodec.Write(writer, made.Reservation);
                break;
            case ReservationEnded ended:
                Head(writer, ReservationEndedKind);
                writer.Id(new DecisionId(ended.Id.Value));
                break;
            case AgentGranted granted:
                Head(writer, AgentGrantedKind);
                GrantCodec.Write(writer, granted.Grant);
                break;
            case GrantEnded ended:
                Head(writer, GrantEndedKind);
                writer.Id(new DecisionId(ended.Id.Value));
                writer.Text(ended.Because);
                break;
            case AgentsHalted halted:
                Head(writer, AgentsHaltedKind);
                writer.Flag(halted.IsHalted);
                writer.Text(halted.Because);
                break;
            case RecordsRetired retired:
                Head(writer, RecordsRetiredKind);
                retired.Write(writer);
                break;
            default:
                throw new UnreachableException($"{ledgerEvent.Kind} has no canonical form");
        }
    }

    private static void Write(CanonicalWriter writer, FleetDeclared declared)
    {
        writer.List(declared.Changed, file => WriteFile(writer, file));
        writer.List(declared.Removed, writer.Text);
    }

    private static void Write(CanonicalWriter writer, PlacementReleased released)
    {
        writer.Id(released.Id);
        writer.Number((long)released.Reason);
    }

    private static void Write(CanonicalWriter writer, EmergencyRecorded emergency)
    {
        writer.Text(emergency.Stage);
        writer.Text(emergency.Permission);
        writer.Text(emergency.Reason);
        writer.Text(emergency.Bearer);
        writer.Number(emergency.Minutes);
    }

    private static void Write(CanonicalWriter writer, AccessDenied denied)
    {
        writer.Text(denied.Operation);
        writer.Text(denied.Slug);
        writer.Number(denied.Times);
        writer.Text(denied.PolicyDigest);
    }

    public static LedgerEvent Read(CanonicalReader reader)
    {
        var kind = reader.Unsigned();
        var version = reader.Unsigned();
        return (kind, version) switch
        {
            (FleetDeclaredKind, 1) => new FleetDeclared(reader.List(() => ReadFile(reader)), reader.List(reader.Text)),
            (PoliciesActivatedKind, 1 or LawCodec.Version) => LawCodec.ReadActivated(reader, version),
            (LawAuditedKind, 1) => LawCodec.ReadAudited(reader),
            (PlacementDecidedKind, >= 1 and <= WorkloadCodec.Version) => ReadDecided(reader, version),
            (PlacementReleasedKind, 1) => new PlacementReleased(reader.Id(), reader.Enum<ReleaseReason>()),
            (HoldConfirmedKind, 1) => new HoldConfirmed(reader.Id()),
            (SiteChangedKind, 1) => FailoverCodec.ReadChanged(reader),
            (PlanLandedKind, >= 1 and <= FailoverCodec.ApprovedVersion) =>
                new PlanLanded(FailoverCodec.ReadPlan(reader, version)),
            (NodeChangedKind, 1) => FailoverCodec.ReadNodeChanged(reader),
            (MoveSteppedKind, 1) => FailoverCodec.ReadStepped(reader),
            (EmergencyRecordedKind, 1) =>
                new EmergencyRecorded(reader.Text(), reader.Text(), reader.Text(), reader.Text())
                {
                    Minutes = reader.Int(),
                },
            (AccessDeniedKind, 1) => new AccessDenied(reader.Text(), reader.Text(), reader.Int(), reader.Text()),
            (AgentGrantedKind, 1) => new AgentGranted(GrantCodec.Read(reader)),
            (GrantEndedKind, 1) => new GrantEnded(new GrantId(reader.Id().Value), reader.Text()),
            (AgentsHaltedKind, 1) => new AgentsHalted(reader.Flag(), reader.Text()),
            (RecordsRetiredKind, 1) => RecordsRetired.Read(reader),
            (ReservationMadeKind, 1) => new ReservationMade(ReservationCodec.Read(reader)),
            (ReservationEndedKind, 1) => new ReservationEnded(new ReservationId(reader.Id().Value)),
            _ => throw reader.Broken($"event kind {kind} version {version} is not known"),
        };
    }

    private static void Head(CanonicalWriter writer, ulong kind, ulong version = 1)
    {
        writer.Unsigned(kind);
        writer.Unsigned(version);
    }

    internal static void WriteFile(CanonicalWriter writer, SourceFile file)
    {
        writer.Text(file.Path);
        writer.Text(file.Text);
    }

    internal static SourceFile ReadFile(CanonicalReader reader) => new(reader.Text(), reader.Text());

    private static void WriteDecided(CanonicalWriter writer, PlacementDecided decided)
    {
        writer.Id(decided.Id);
        WorkloadCodec.Write(writer, decided.Request);
        writer.Optional(decided.HoldUntil, static (writer, until) => writer.Instant(until));
        writer.Text(decided.IdempotencyKey);
        writer.Bytes(decided.RequestHash.Span);
        writer.Text(decided.PolicyDigest);
        writer.Number(decided.EngineVersion);
        DecisionCodec.Write(writer, decided.Decision);
    }

    private static PlacementDecided ReadDecided(CanonicalReader reader, ulong version) => new()
    {
        Id = reader.Id(),
        Request = WorkloadCodec.ReadRequest(reader, version),
        HoldUntil = reader.Optional(reader.Instant),
        IdempotencyKey = reader.Text(),
        RequestHash = reader.Bytes().ToSeq(),
        PolicyDigest = reader.Text(),
        EngineVersion = reader.Int(),
        Decision = DecisionCodec.Read(reader, version),
    };
}
