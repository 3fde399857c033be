using ControlPlane.Ledger;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// What others than the decision loop get to see of the ledger's state: what follows from durable records.
/// </summary>
/// <param name="Fleet">The newest declared fleet.</param>
/// <param name="Policies">The policies that judge, where several sets are in force as one.</param>
/// <param name="InForce">What the ledger says about law.</param>
/// <param name="Reservations">Room that is kept for windows of time.</param>
internal sealed record LedgerView(
    DeclaredFleet Fleet, PolicySet Policies, PoliciesInForce InForce, ReservationBook Reservations)
{
    /// <summary>What software agents may do, and did.</summary>
    public required GrantBook Grants { get; init; }

    /// <summary>Position at which the work of each site last changed; null while nobody asked for any.</summary>
    public IReadOnlyDictionary<SiteId, long>? Revisions { get; private init; }

    /// <summary>What there is to see of a state, which <paramref name="before"/> came before.</summary>
    public static LedgerView Of(LedgerState state, LedgerView? before, bool sitesChanged = false)
    {
        var fleet = state.World.Fleet;
        var since = before is null ? state.FleetPosition
            : ReferenceEquals(before.Fleet.Fleet, fleet) ? before.Fleet.Since : state.Position;
        return new LedgerView(
            new DeclaredFleet(fleet, since, state.Position), state.Law.Policies, state.InForce,
            state.World.Reservations)
        {
            Grants = state.Grants,
            Revisions = sitesChanged ? state.World.Sites.Revisions() : before?.Revisions,
        };
    }
}
