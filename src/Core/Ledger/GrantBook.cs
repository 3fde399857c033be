using System.Collections.Immutable;
using ControlPlane.Placements;

namespace ControlPlane.Ledger;

/// <summary>
/// Every grant of a software agent with what it used, and whether all are stopped; a change gives another book, so that
/// it can be taken back.
/// </summary>
public sealed record GrantBook
{
    /// <summary>Grants that one person may have given and that are in force.</summary>
    public const int MostInForce = 100;

    private static readonly TimeSpan remembered = TimeSpan.FromDays(30);

    public static GrantBook Empty { get; } = new();

    /// <summary>By id, which is their age.</summary>
    public ImmutableSortedDictionary<GrantId, GrantState> Grants { get; init; } =
        ImmutableSortedDictionary<GrantId, GrantState>.Empty;

    /// <summary>What software agents hold, by placement.</summary>
    public ImmutableSortedDictionary<DecisionId, GrantShare> Shares { get; init; } =
        ImmutableSortedDictionary<DecisionId, GrantShare>.Empty;

    /// <summary>Why no software agent may do anything; null when they may.</summary>
    public GrantEnd? Halt { get; init; }

    public GrantState? Find(GrantId id) => Grants.GetValueOrDefault(id);

    /// <summary>The grant that somebody acts by; null for whoever is no software agent with one.</summary>
    public GrantState? Of(Actor? by) => by is not null && IsGranted(by) && Guid.TryParseExact(by.Token, "D", out var id)
        ? Find(new GrantId(id))
        : null;

    /// <summary>Whether somebody is a program that acts for somebody else.</summary>
    public static bool IsSoftware(Actor by) => by.OnBehalfOf.Length > 0;

    /// <summary>Why somebody may do nothing at all as a software agent; null when it may, or is none.</summary>
    public GrantRefusal? Refusal(Actor by, DateTimeOffset now)
    {
        if (!IsSoftware(by)) return null;
        if (Halt is { } halt)
            return new GrantRefusal(GrantRefusal.Stopped, $"all software agents are stopped: {halt.Because}");
        if (!IsGranted(by)) return null;
        return Of(by) switch
        {
            null => new GrantRefusal(GrantRefusal.NoGrant, "its grant is not known"),
            { End: { } end } => new GrantRefusal(GrantRefusal.NoGrant, $"its grant was ended: {end.Because}"),
            { } state when state.IsOver(now) => new GrantRefusal(GrantRefusal.NoGrant, "its grant has run out"),
            _ => null,
        };
    }

    /// <summary>Why somebody may not use so much more; null when it may, or is no software agent.</summary>
    public GrantRefusal? Refusal(Actor? by, AgentUse use, DateTimeOffset now) =>
        Of(by)?.Exceeds(use, now) is { } why ? new GrantRefusal(GrantRefusal.Budget, why) : null;

    /// <summary>The book after a record; the world is still that before it.</summary>
    public GrantBook After(LedgerRecord record, World world)
    {
        switch (record.Event)
        {
            case AgentGranted granted:
                var kept = Grants.RemoveRange(Grants.Values
                    .Where(state => state.AcceleratorMilli == 0 && state.IsOver(record.At - remembered))
                    .Select(state => state.Grant.Id));
                return this with { Grants = kept.SetItem(granted.Grant.Id, new GrantState(granted.Grant)) };
            case GrantEnded ended when Find(ended.Id) is { } state:
                var end = new GrantEnd(record.At, ended.Because, NameOf(record));
                return this with { Grants = Grants.SetItem(ended.Id, state with { End = end }) };
            case AgentsHalted { IsHalted: var halted, Because: var because }:
                return this with { Halt = halted ? new GrantEnd(record.At, because, NameOf(record)) : null };
        }

        return Grants.IsEmpty ? this : AfterUse(record, world);
    }

    private GrantBook AfterUse(LedgerRecord record, World world)
    {
        switch (record.Event)
        {
            case PlacementDecided { Decision: Placed placed } decided when Of(record.Event.By) is { } state:
                var use = AgentUse.Of(world, decided.Request, placed);
                return this with
                {
                    Grants = Grants.SetItem(state.Grant.Id, state.With(use, record.At)),
                    Shares = Shares.SetItem(decided.Id, new GrantShare(state.Grant.Id, use.AcceleratorMilli)),
                };
            case PlanLanded landed when Of(record.Event.By) is { } state:
                var moved = state.With(AgentUse.Of(world, landed.Plan), record.At);
                return this with { Grants = Grants.SetItem(state.Grant.Id, moved) };
            case PlacementReleased released:
                return GivenBack(released.Id).Ended(released.Id, record, world);
            default:
                return this;
        }
    }

    /// <summary>What a placement held may be asked for again, whoever ended it.</summary>
    private GrantBook GivenBack(DecisionId id)
    {
        if (!Shares.TryGetValue(id, out var share)) return this;
        var after = this with { Shares = Shares.Remove(id) };
        return Find(share.Grant) is not { } state ? after : after with
        {
            Grants = Grants.SetItem(
                share.Grant, state with { AcceleratorMilli = state.AcceleratorMilli - share.AcceleratorMilli }),
        };
    }

    /// <summary>Ending what others placed touches its places.</summary>
    private GrantBook Ended(DecisionId id, LedgerRecord record, World world) =>
        Of(record.Event.By) is { } state && world.Find(id) is { } placement
            ? this with
            {
                Grants = Grants.SetItem(state.Grant.Id, state.With(AgentUse.Of(world, placement), record.At)),
            }
            : this;

    private static bool IsGranted(Actor by) => IsSoftware(by) && by.Issuer == AgentGrant.Issuer;

    private static string NameOf(LedgerRecord record) => record.Event.By?.Subject ?? "";
}

/// <summary>What a placement holds of a grant.</summary>
public readonly record struct GrantShare(GrantId Grant, long AcceleratorMilli);

/// <summary>Why a software agent may not do something, with the slug of the problem.</summary>
public sealed record GrantRefusal(string Slug, string Because)
{
    public const string Stopped = "agents-stopped";
    public const string NoGrant = "agent-grant";
    public const string Budget = "agent-budget";
}
