using ControlPlane.Inventory;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>Tells which running work a request may end to have room, by the policies in force.</summary>
internal sealed class PreemptionTerms
{
    private readonly Question question;
    private readonly int band;
    private readonly bool everything;
    private readonly List<(Policy Policy, PreemptionRule Rule)> rules = [];
    private readonly List<(Policy Policy, FailoverReserveRule Rule)> lenders = [];
    private readonly List<Policy> fixing = [];

    private PreemptionTerms(Question question, bool everything)
    {
        (this.question, this.everything) = (question, everything);
        var (_, law, asks, asOf) = question;
        band = PriorityBands.Of(asks.Priority);
        var isLent = ReservationBook.IsPreemptible(asks);
        foreach (var policy in law.Applicable(LawSubject.Of(asks), asOf))
        {
            if (policy.Enforcement != Enforcement.Mandatory) continue;
            foreach (var rule in policy.Rules)
            {
                if (rule is PreemptionRule preempts && preempts.Lets(asks)) rules.Add((policy, preempts));
                else if (rule is FailoverReserveRule { Lends: true } lends && !isLent) lenders.Add((policy, lends));
            }
        }

        var day = DateOnly.FromDateTime(asOf.UtcDateTime);
        fixing.AddRange(law.Policies.Policies.Where(policy => policy.HoldsOn(day)
            && policy.Enforcement == Enforcement.Mandatory
            && policy.Rules.Any(rule => rule is MobilityRule { MayMove: false })));
    }

    /// <summary>The highest band of which anything may end.</summary>
    public int Highest => lenders.Count > 0 ? PriorityBands.Count - 1 : band - 1;

    /// <summary>What the policies allow a request; null when it may end nothing.</summary>
    public static PreemptionTerms? Of(Question question)
    {
        if (!question.Law.MayPreempt) return null;
        var right = new PreemptionTerms(question, everything: false);
        return right.rules.Count + right.lenders.Count > 0 && right.Highest >= 0 ? right : null;
    }

    /// <summary>
    /// What a request could end if policies allowed it everything that they may allow; null when there is nothing.
    /// </summary>
    public static PreemptionTerms? IfAllowed(Question question)
    {
        var right = new PreemptionTerms(question, everything: true);
        return right.Highest >= 0 ? right : null;
    }

    /// <summary>
    /// The rule that lets a placement end for the request; null when none does, or when it is not to be ended at all:
    /// what is held or moves, what is sticky, what no move may touch, and what its tenant has reserved room for.
    /// </summary>
    public string? RuleFor(Placement victim, FleetPool at)
    {
        var running = victim.Request;
        if (victim.State != PlacementState.Bound || victim.Move is not null || running.RunClass == RunClass.Sticky)
            return null;
        if (HasReserved(running.Tenant, at) || IsFixed(running)) return null;
        var lower = PriorityBands.Of(running.Priority) < band;
        foreach (var (policy, rule) in rules)
        {
            if (lower && rule.Lets(question.Request, running) && policy.HoldsIn(at.Region.Id))
                return $"{policy.Id}/{rule.Rule}";
        }

        foreach (var (policy, rule) in lenders)
        {
            if (ReservationBook.IsPreemptible(running) && policy.HoldsIn(at.Region.Id)
                && (rule.Skus.Count == 0 || (at.Sku is { } sku && rule.Skus.Contains(sku.Id))))
                return $"{policy.Id}/{rule.Rule}";
        }

        return everything && lower ? "" : null;
    }

    private bool HasReserved(TenantId tenant, FleetPool at)
    {
        foreach (var item in question.World.Reservations.All.Span)
        {
            if (item.Tenant == tenant && item.Region == at.Region.Id && item.Sku == at.Sku?.Id) return true;
        }

        return false;
    }

    private bool IsFixed(PlacementRequest running)
    {
        if (fixing.Count == 0) return false;
        var subject = LawSubject.Of(running);
        return fixing.Exists(policy => policy.Match.Matches(subject));
    }
}
