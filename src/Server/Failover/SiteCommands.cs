using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Server.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Failover;

/// <summary>Something that is asked about sites and moves.</summary>
internal abstract record SiteCommand : Command
{
    /// <summary>Whether nothing is changed by it.</summary>
    public virtual bool IsRead => false;
}

/// <summary>Takes one look at all sites and moves.</summary>
internal sealed record TakeRound : SiteCommand;

/// <summary>Asks what a site should run; changes nothing.</summary>
internal sealed record AskOrders(SiteId Site) : SiteCommand
{
    public override bool IsRead => true;
}

/// <summary>Asks for the condition of every site; changes nothing.</summary>
internal sealed record AskSites : SiteCommand
{
    public override bool IsRead => true;
}

/// <summary>Asks whether too many sites are silent at once, as this server hears them; changes nothing.</summary>
internal sealed record AskMass : SiteCommand
{
    public override bool IsRead => true;
}

/// <summary>Asks for every move that is under way; changes nothing.</summary>
internal sealed record AskMoves : SiteCommand
{
    public override bool IsRead => true;
}

/// <summary>Asks why a placement is where it is, and not on its way elsewhere; changes nothing.</summary>
internal sealed record AskStay(DecisionId Id) : SiteCommand
{
    public override bool IsRead => true;
}

/// <summary>What an operator can do to a site.</summary>
internal enum SiteVerb
{
    Cordon,
    Uncordon,
    Drain,
    DeclareDead,
}

/// <summary>Does something to a site, on the word of an operator.</summary>
internal sealed record OperateSite(SiteId Site, SiteVerb Verb, string Statement) : SiteCommand;

/// <summary>
/// Plans what would leave sites if they were emptied now; with the digest of a plan that was approved, it is done, if
/// the plan is still the same.
/// </summary>
internal sealed record Evacuate(Seq<SiteId> Sites, string Statement, string? Approved) : SiteCommand
{
    /// <summary>Nodes to empty, where it is not whole sites.</summary>
    public Seq<NodeId> Nodes { get; init; } = [];

    /// <summary>Tenants whose work whoever asks may move; null for every one.</summary>
    public Seq<string>? Tenants { get; init; }
}

/// <summary>Lands a plan that was made on an earlier state and approved, if everything in it still holds.</summary>
internal sealed record LandPlan(MovePlan Plan, string Digest) : SiteCommand;

/// <summary>Asks for every node that something is held against; changes nothing.</summary>
internal sealed record AskNodes : SiteCommand
{
    public override bool IsRead => true;
}

/// <summary>What an operator can do to a node.</summary>
internal enum NodeVerb
{
    Cordon,
    Uncordon,
    Drain,
}

/// <summary>Does something to a node, on the word of an operator.</summary>
internal sealed record OperateNode(NodeId Node, NodeVerb Verb, string Statement) : SiteCommand;

/// <summary>Nodes that something is held against.</summary>
internal sealed record NodesSeen(Seq<NodeState> Nodes) : Answer;

/// <summary>The node is as the operator wants it.</summary>
internal sealed record NodeOperated(NodeState Node) : Answer;

/// <summary>The condition of one node with how much is there; no condition when it is in plain use.</summary>
internal sealed record NodeState(NodeId Node, SiteId? Site, NodeCondition? Condition, int Placements, int Moving);

/// <summary>A round was taken.</summary>
internal sealed record RoundTaken(int Records, string? Blind) : Answer
{
    /// <summary>That too many sites are silent at once; null when they are not.</summary>
    public string? Mass { get; init; }
}

/// <summary>That too many sites are silent at once; null when they are not.</summary>
internal sealed record MassSeen(string? Mass) : Answer;

/// <summary>What a site should run, at a revision.</summary>
internal sealed record Orders(long Revision, long Position, Seq<WorkOrder> Work) : Answer;

/// <summary>The condition of every site that anything is known about.</summary>
internal sealed record SitesSeen(Seq<SiteState> Sites, string? Blind) : Answer;

/// <summary>The condition of one site with how much is there.</summary>
internal sealed record SiteState(SiteCondition Condition, int Placements, int Leaving, SiteSight? Sight);

/// <summary>Moves under way.</summary>
internal sealed record MovesSeen(Seq<Placement> Moves, Regions.Fleet Fleet) : Answer;

/// <summary>The site is as the operator wants it.</summary>
internal sealed record SiteOperated(SiteState Site) : Answer;

/// <summary>A plan, and whether it is done or only shown.</summary>
internal sealed record EvacuationPlanned(MovePlan Plan, string Digest, bool IsApplied) : Answer
{
    /// <summary>Whose work it is about, by placement.</summary>
    public required IReadOnlyDictionary<DecisionId, PlacementRequest> Requests { get; init; }

    public static EvacuationPlanned Of(World world, (MovePlan Plan, string Digest) made, bool isApplied) =>
        new(made.Plan, made.Digest, isApplied)
        {
            Requests = made.Plan.Moves.Select(move => move.Placement)
                .Concat(made.Plan.Stays.Select(stay => stay.Placement))
                .Distinct()
                .ToDictionary(id => id, id => world.Find(id)!.Request), // planned, so it is there
        };
}

/// <summary>The plan that was approved is not the one that would be made now.</summary>
internal sealed record PlanVoid(string Digest) : Answer;

/// <summary>The plan that was approved does not hold any more.</summary>
internal sealed record PlanOutdated(string Because) : Answer;

/// <summary>The sites run work of tenants that whoever asks does not speak for.</summary>
internal sealed record PlanForeign : Answer;

/// <summary>Why a placement stays; null reasons when it does not.</summary>
internal sealed record StayExplained(Placement Placement, string Reason, string Because) : Answer;
