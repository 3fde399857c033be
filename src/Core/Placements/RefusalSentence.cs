using ControlPlane.Policies;

namespace ControlPlane.Placements;

/// <summary>Says in words why something that has to go elsewhere finds no place.</summary>
internal static class RefusalSentence
{
    /// <summary>Why there is no place, as a stable code; null stands for what policies say about moving.</summary>
    public static string ReasonOf(PlacementDecision? decision) =>
        decision is Refused refused ? refused.Reason : ReasonCode.Mobility;

    public static string Of(string reason) => reason switch
    {
        RefusalReason.NoLawfulRegion => "the law allows no other place",
        RefusalReason.PolicyContradiction => "its own clauses exclude each other",
        RefusalReason.NoActiveSite => "no lawful site takes work now",
        RefusalReason.DependencyUnmet => "no lawful place is near what it needs",
        RefusalReason.NoCapableHardware => "no lawful place has such hardware",
        RefusalReason.QuotaExceeded => "its tenant's quota is used up elsewhere",
        RefusalReason.LossUnsurvivable => "room is promised to what a lost region would displace",
        RefusalReason.NoCapacity => "lawful places have too little room",
        ReasonCode.Mobility => "a policy says where and when such work may move, and this is not it",
        _ => reason,
    };
}
