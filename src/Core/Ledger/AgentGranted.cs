namespace ControlPlane.Ledger;

/// <summary>A software agent may do something for somebody.</summary>
public sealed record AgentGranted(AgentGrant Grant) : LedgerEvent
{
    public override string Kind => "agent-granted";
}

/// <summary>A grant was ended before its time.</summary>
public sealed record GrantEnded(GrantId Id, string Because) : LedgerEvent
{
    public override string Kind => "grant-ended";
}

/// <summary>All software agents were stopped, or may go on.</summary>
public sealed record AgentsHalted(bool IsHalted, string Because) : LedgerEvent
{
    public override string Kind => "agents-halted";
}
