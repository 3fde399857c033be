using ControlPlane.Inventory;

namespace ControlPlane.Ledger;

/// <summary>A node is kept from work, or is in plain use again.</summary>
/// <param name="Node">The node.</param>
/// <param name="Duty">What it is kept from; null when it is in use again.</param>
/// <param name="Because">Who said why.</param>
public sealed record NodeChanged(NodeId Node, NodeDuty? Duty, string Because) : LedgerEvent
{
    public override string Kind => Duty switch
    {
        null => "node-uncordoned",
        NodeDuty.Cordoned => "node-cordoned",
        NodeDuty.Draining => "node-draining",
        NodeDuty.Out => "node-out",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
