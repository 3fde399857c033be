using ControlPlane.Ledger;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Knows who asks within a request, so that no command can be sent without it: what flows with the request needs no
/// parameter that somebody could forget.
/// </summary>
internal sealed class ActorScope
{
    private readonly AsyncLocal<Actor?> current = new();

    /// <summary>Null outside of requests.</summary>
    public Actor? Current => current.Value;

    public void Enter(Actor actor) => current.Value = actor;
}
