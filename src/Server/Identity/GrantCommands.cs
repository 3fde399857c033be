using ControlPlane.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Identity;

/// <summary>Changes what software agents may do.</summary>
internal abstract record GrantCommand : Command;

/// <summary>Gives a grant.</summary>
internal sealed record GiveGrant(AgentGrant Grant) : GrantCommand;

/// <summary>Ends a grant before its time.</summary>
internal sealed record EndGrant(GrantId Id, string Because) : GrantCommand;

/// <summary>Stops all software agents, or lets them go on.</summary>
internal sealed record HaltAgents(bool IsHalted, string Because) : GrantCommand;

/// <summary>A grant as it is now.</summary>
internal sealed record GrantStands(GrantState State) : Answer;

/// <summary>Why all software agents are stopped; null when they are not.</summary>
internal sealed record AgentsStand(GrantEnd? Halt) : Answer;

/// <summary>A software agent may not do that.</summary>
internal sealed record AgentRefused(GrantRefusal Refusal) : Answer;

/// <summary>Somebody gave as many grants as may be in force.</summary>
internal sealed record TooManyGrants(int Most) : Answer;

/// <summary>Says what a command on grants appends; doing again what is done appends nothing.</summary>
internal static class GrantDesk
{
    /// <summary>The event, or why there is none; neither when everything is as it should be already.</summary>
    public static (LedgerEvent? Event, Answer? Instead) Judge(LedgerState state, GrantCommand about, DateTimeOffset now)
    {
        switch (about)
        {
            case GiveGrant { Grant: var grant }:
                var inForce = state.Grants.Grants.Values.Count(each => !each.IsOver(now)
                    && (each.Grant.VouchedBy, each.Grant.OnBehalfOf) == (grant.VouchedBy, grant.OnBehalfOf));
                return inForce >= GrantBook.MostInForce
                    ? (null, new TooManyGrants(GrantBook.MostInForce))
                    : (new AgentGranted(grant), null);
            case EndGrant end:
                return state.Grants.Find(end.Id) switch
                {
                    null => (null, new NotFound($"there is no software agent {end.Id}")),
                    { End: null } => (new GrantEnded(end.Id, end.Because), null),
                    _ => (null, null),
                };
            case HaltAgents halt:
                return halt.IsHalted == state.Grants.Halt is not null
                    ? (null, null)
                    : (new AgentsHalted(halt.IsHalted, halt.Because), null);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>What is answered once it is appended.</summary>
    public static Answer Answer(LedgerState state, GrantCommand about) => about switch
    {
        GiveGrant give => new GrantStands(state.Grants.Find(give.Grant.Id)!), // it was appended
        EndGrant end => new GrantStands(state.Grants.Find(end.Id)!),
        _ => new AgentsStand(state.Grants.Halt),
    };
}
