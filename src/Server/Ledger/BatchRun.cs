using ControlPlane.Capacity;
using ControlPlane.Cells;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Server.Cells;
using ControlPlane.Server.Failover;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;
using ControlPlane.Server.Policies;
using ControlPlane.Workloads;
using Command = ControlPlane.Server.Placements.Command;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// One pass of a batch over the working world: what it appends, and what each command is answered if that lands.
/// </summary>
internal sealed class BatchRun(
    LedgerState state, DueHolds holds, Dictionary<(string Tenant, string Key), KnownKey> known, TimeProvider clock)
{
    private readonly DateTimeOffset now = Milliseconds(clock.GetUtcNow());
    private readonly List<Answer> answers = [];

    // Who asks for what is being decided; null while nobody does.
    private Actor? by;

    public List<LedgerRecord> Records { get; } = [];

    /// <summary>What is known of sites; empty unless a command asks about them.</summary>
    public required SiteLook Sites { get; init; }

    /// <summary>Sessions that end with the batch, on condition.</summary>
    public List<SessionEnd> Ends { get; } = [];

    /// <summary>Sites that are stated to be dead with the batch.</summary>
    public List<SiteId> Dead { get; } = [];

    /// <summary>Where ids come from.</summary>
    public required DecisionIds Ids { get; init; }

    /// <summary>What decides.</summary>
    public required DecisionEngine Engine { get; init; }

    /// <summary>Whose approval policies need.</summary>
    public required PolicyKeys Keys { get; init; }

    /// <summary>Writes out why something is refused.</summary>
    public required RefusalReasons Reasons { get; init; }

    /// <summary>What each command is answered if the batch lands.</summary>
    public IReadOnlyList<Answer> Drafts => answers;

    /// <summary>Whether a day has begun on which what runs was not yet held against the law.</summary>
    public required bool AuditDue { get; init; }

    /// <summary>Why requests could not be judged; each was denied and left nothing behind.</summary>
    public List<Exception> Failures { get; } = [];

    /// <summary>Decides every command in order; holds that have run out go first.</summary>
    public void Decide(List<Command> commands)
    {
        foreach (var id in holds.TakeDue(state.World, now)) End(id, ReleaseReason.HoldExpired);
        if (AuditDue) Audit();
        foreach (var id in ReservedRoom.Recalled(state.World, now).ToList()) End(id, ReleaseReason.Recalled);
        foreach (var command in commands)
        {
            by = command.By;
            answers.Add(Refused(command) ?? command switch
            {
                Place or PlanOnly => Judged(command),
                Release release => Answer(release),
                Confirm confirm => Answer(confirm),
                DeclareFleet declare => Answer(declare),
                ActivatePolicies activate => Answer(activate),
                Reserve reserve => Answer(reserve),
                EndReservation end => Answer(end),
                ExpireHolds => new Released(),
                SiteCommand about => Answer(about),
                AskCellReport => Reported(),
                GrantCommand about => Answer(about),
                RecordDenials denials => Answer(denials),
                RecordEmergency emergency => Answer(emergency),
                RecordRetirement retirement => new Recorded(Append(retirement.Retired).Position),
                CountKnown count => new KnownCount(count.Requests.Count(place =>
                    known.ContainsKey((place.Request.Tenant.Value, place.IdempotencyKey)))),
                _ => throw new System.Diagnostics.UnreachableException(),
            });
        }
    }

    /// <summary>
    /// A software agent that is stopped, or whose grant is over, changes nothing from that record on, whatever the
    /// server that let its request in knew.
    /// </summary>
    private AgentRefused? Refused(Command command) =>
        command.By is { } actor && state.Grants.Refusal(actor, now) is { } refusal ? new AgentRefused(refusal) : null;

    /// <summary>What a software agent has not left in its budget; commands are decided one after the other.</summary>
    private AgentRefused? Beyond(AgentUse use) =>
        state.Grants.Refusal(by, use, now) is { } refusal ? new AgentRefused(refusal) : null;

    /// <summary>The answers; those that rest on a change of the world are the failure when there was one.</summary>
    public Answer[] Answers(List<Command> commands, Unavailable? failure) =>
        [.. answers
            .Select((answer, index) => failure is not null && commands[index] is not PlanOnly ? failure : answer)];

    /// <summary>
    /// A bug in a rule must place nothing and hold up nobody else. Deciding reads the world only, so nothing is half
    /// done.
    /// </summary>
    private Answer Judged(Command asked)
    {
        try
        {
            return asked is Place place ? Answer(place) : Answer((PlanOnly)asked);
        }
        catch (NotJudgedException failure)
        {
            Failures.Add(failure.InnerException!);
            return new Unavailable(
                "policy-unavailable", "the request could not be judged, so it is denied", TimeSpan.FromSeconds(2));
        }
    }

    /// <summary>What is decided, or what is wrong with what the request depends on.</summary>
    private (PlacementDecision? Decision, Seq<Problem> Wrong) Judge(PlacementRequest request, DateTimeOffset asOf)
    {
        try
        {
            return Dependencies.Check(state.World, request) is { Count: > 0 } wrong
                ? (null, wrong)
                : (Engine(state.World, state.Law, request, asOf), []);
        }
        catch (Exception bug)
        {
            throw new NotJudgedException(bug);
        }
    }

    private Explanation Explain(PlacementRequest request, DateTimeOffset asOf)
    {
        try
        {
            return Admission.Explain(state.World, state.Law, request, asOf);
        }
        catch (Exception bug)
        {
            throw new NotJudgedException(bug);
        }
    }

    private Answer Answer(Place place)
    {
        var request = place.Request;
        if (known.TryGetValue((request.Tenant.Value, place.IdempotencyKey), out var first))
            return first.RequestHash == place.RequestHash ? new Repeated(first.Record, place.Explain)
                : new KeyReused(first.RequestHash);
        var (decision, wrong) = Judge(request, now);
        if (decision is null) return new DependenciesRefused(wrong);
        if (decision is Placed wanted && state.Grants.Of(by) is not null
            && Beyond(AgentUse.Of(state.World, request, wanted)) is { } beyond)
            return beyond;
        // A refusal always carries its reasons; they are those of the world before the record.
        var explanation = place.Explain || decision is Refused ? Explain(request, now) : null;
        DateTimeOffset? holdUntil = place.Hold is { } hold && decision is Placed ? now + hold : null;
        var record = Append(new PlacementDecided
        {
            By = by,
            Id = Ids.Next(now),
            Request = request,
            HoldUntil = holdUntil,
            IdempotencyKey = place.IdempotencyKey,
            RequestHash = place.RequestHash,
            PolicyDigest = state.Law.Policies.Digest,
            EngineVersion = Replay.EngineVersion,
            Decision = decision,
        });
        if (holdUntil is { } until) holds.Add(((PlacementDecided)record.Event).Id, until);
        return new Decided(record, state.World.Fleet, explanation)
        {
            Refusal = decision is Refused ? Reasons.TextOf(explanation!) : null, // explained just above
        };
    }

    private Answer Answer(PlanOnly plan)
    {
        var asOf = plan.AsOf ?? now;
        var (decision, wrong) = Judge(plan.Request, asOf);
        if (decision is null) return new DependenciesRefused(wrong);
        return new Planned(state.Position, asOf, state.Law.Policies.Digest, plan.Request, state.World.Fleet)
        {
            Decision = decision,
            // Every verdict of every rule costs many times what deciding does, and whoever is next waits for it.
            Explanation = plan.Explain || decision is Refused ? Explain(plan.Request, asOf) : null,
        };
    }

    private Answer Answer(Release release)
    {
        if (state.World.Find(release.Id) is not { } placement) return new NotFound($"no placement {release.Id}");
        if (release.ExpectedEpoch is { } expected && expected != placement.Epoch)
            return new VersionConflict(placement.Epoch);
        if (release.OnlyHold && placement.State != PlacementState.Held)
            return new NotFound($"{release.Id} is no hold; it is bound");
        // What it placed itself an agent may always give back.
        if (state.Grants.Of(by) is { } grant
            && state.Grants.Shares.GetValueOrDefault(release.Id).Grant != grant.Grant.Id
            && Beyond(AgentUse.Of(state.World, placement)) is { } beyond)
            return beyond;
        End(release.Id, placement.State == PlacementState.Held ? ReleaseReason.HoldReleased : ReleaseReason.Released);
        return new Released();
    }

    private Answer Answer(Confirm confirm)
    {
        if (state.World.Find(confirm.Id) is not { } hold)
            return new NotFound($"no hold {confirm.Id}; it may have run out");
        // Confirming again what is confirmed changes nothing, so that a client may repeat itself.
        if (hold.State == PlacementState.Bound) return new AlreadyConfirmed(hold, state.World.Fleet);
        var record = Append(new HoldConfirmed(confirm.Id));
        return new Confirmed(state.World.Find(confirm.Id)!, record, state.World.Fleet);
    }

    private Answer Answer(DeclareFleet declare)
    {
        var current = state.FleetFiles.ToDictionary(file => file.Path, StringComparer.Ordinal);
        var changed = declare.Files.Where(file => !file.Equals(current.GetValueOrDefault(file.Path))).ToSeq();
        var removed = current.Keys.Except(declare.Files.Select(file => file.Path), StringComparer.Ordinal)
            .Order(StringComparer.Ordinal).ToSeq();
        if (changed.Count == 0 && removed.Count == 0) return new Declared(Changed: false);
        var check = state.CheckFleet(declare.Files, now);
        if (!check.IsValid) return new DeclarationRefused(check.Problems);
        Append(new FleetDeclared(changed, removed));
        Audit();
        return new Declared(Changed: true);
    }

    /// <summary>The set is judged against what runs first; what is only asked about changes nothing.</summary>
    private Answer Answer(ActivatePolicies activate)
    {
        var (answer, activated) = PolicyActivation.Judge(state, activate, now, Keys);
        if (activated is null) return answer;
        Append(activated);
        Audit();
        return answer;
    }

    /// <summary>Holds everything that runs against the law and appends what is new.</summary>
    private void Audit()
    {
        if (BindingAudit.Of(state, now) is { } audited) Append(audited);
    }

    private Answer Answer(SiteCommand about)
    {
        var desk = new SiteDesk(state, Sites, now) { By = by };
        var answer = desk.Answer(about);
        Records.AddRange(desk.Records);
        Ends.AddRange(desk.Ends);
        Dead.AddRange(desk.Dead);
        return answer;
    }

    private CellReported Reported() => new(
        state.World.Fleet.Cell is { } cell ? CellNumbers.Of(state.World, cell.Cell, now) : null, state.Position);

    private Answer Answer(GrantCommand about)
    {
        var (appended, instead) = GrantDesk.Judge(state, about, now);
        if (appended is not null) Append(appended);
        return instead ?? GrantDesk.Answer(state, about);
    }

    private Released Answer(RecordDenials denials)
    {
        foreach (var denied in denials.Denials) Append(denied with { PolicyDigest = state.Law.Policies.Digest });
        return new Released();
    }

    private Released Answer(RecordEmergency emergency)
    {
        Append(emergency.Emergency);
        return new Released();
    }

    private Answer Answer(Reserve reserve)
    {
        var asked = reserve.Reservation;
        if (state.World.Reservations.Find(asked.Tenant, asked.Name) is { } known)
            return known == asked with { Id = known.Id }
                ? new ReservationStands(known, IsNew: false)
                : new ReservationDeclined(NameTaken: true, 0, now, state.Position);
        if (state.World.Fleet.FindOwn(asked.Region) is null) return new NotFound($"no region {asked.Region}");
        var (shortMilli, at) = ReservedRoom.ShortageOf(state.World, asked, now);
        if (shortMilli > 0) return new ReservationDeclined(NameTaken: false, shortMilli, at, state.Position);
        Append(new ReservationMade(asked));
        return new ReservationStands(asked, IsNew: true);
    }

    private Answer Answer(EndReservation end)
    {
        if (state.World.Reservations.Find(end.Id) is null) return new NotFound($"no reservation {end.Id}");
        Append(new ReservationEnded(end.Id));
        return new Released();
    }

    private void End(DecisionId id, ReleaseReason reason)
    {
        Append(new PlacementReleased(id, reason));
    }

    private LedgerRecord Append(LedgerEvent ledgerEvent)
    {
        // Who was denied stands in the event itself; nobody asks for that to be recorded.
        var isSaid = by is null || ledgerEvent.By == by;
        var record = state.Append(isSaid ? ledgerEvent : ledgerEvent with { By = by }, now);
        Records.Add(record);
        return record;
    }

    /// <summary>PostgreSQL keeps microseconds; milliseconds read well and survive every way of storing them.</summary>
    private static DateTimeOffset Milliseconds(DateTimeOffset instant) =>
        new(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}

/// <summary>The engine failed on a request; what it failed with is inside.</summary>
internal sealed class NotJudgedException(Exception bug) : Exception(bug.Message, bug);
