namespace ControlPlane.Inventory;

/// <summary>What an operator made of a node that is not in use as declared.</summary>
public enum NodeDuty
{
    /// <summary>Nothing new comes to it; what is there stays.</summary>
    Cordoned,

    /// <summary>Nothing new comes to it, and what is there is moved away.</summary>
    Draining,

    /// <summary>It was drained, and nothing is on it any more.</summary>
    Out,
}

/// <summary>The state of a node beside what is declared about it; a node in plain use has none.</summary>
/// <param name="Node">The node.</param>
/// <param name="Duty">What it is kept from.</param>
/// <param name="Since">Since when.</param>
/// <param name="Statement">Who said why.</param>
public sealed record NodeCondition(NodeId Node, NodeDuty Duty, DateTimeOffset Since, string Statement);
