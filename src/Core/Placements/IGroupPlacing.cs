using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Says of one member of a group whether it may move, and takes it to a place: all that a search for the whole group
/// has to ask.
/// </summary>
internal interface IGroupPlacing
{
    /// <summary>Whether what could stay moves along where those that it is bound to find no place near.</summary>
    bool GoesTogether { get; }

    /// <summary>What keeps a member where it is when so many move at once; null when nothing does.</summary>
    GroupStay? WhyStays(Placement member, int together);

    /// <summary>Looks for a place for units of a member, and lets it be on its way there when there is one.</summary>
    PlacementDecision? Place(Placement member, Seq<UnitBinding> units, Func<FleetPool, bool> within);
}

/// <summary>One member's way.</summary>
internal sealed record GroupMove(DecisionId Placement, Seq<UnitBinding> From, Seq<UnitBinding> To, long Score);

/// <summary>A member that stays, and why.</summary>
internal sealed record GroupStay(DecisionId Placement, string Reason, string Because)
{
    /// <summary>It stays because of another one that it is bound to.</summary>
    public const string Bound = "dependency";
}
