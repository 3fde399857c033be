namespace ControlPlane.Failover;

/// <summary>
/// Names one life of an agent: a number that only grows at its site and a word made up by chance. What was sent to an
/// earlier life means nothing to a later one.
/// </summary>
public sealed record AgentSession(long Number, string Nonce)
{
    public override string ToString() => $"{Number}-{Nonce}";
}
