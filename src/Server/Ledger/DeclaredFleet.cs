using ControlPlane.Regions;

namespace ControlPlane.Server.Ledger;

/// <summary>A fleet and the positions for which a server knows that it is the declared one.</summary>
/// <param name="Fleet">The fleet.</param>
/// <param name="Since">First such position, or a later one.</param>
/// <param name="UpTo">Last position that the server has folded in.</param>
internal sealed record DeclaredFleet(Fleet Fleet, long Since, long UpTo)
{
    public bool HoldsAt(long position) => position >= Since && position <= UpTo;
}
