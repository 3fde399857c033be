using ControlPlane.Failover;
using ControlPlane.Policies;

namespace ControlPlane.Ledger;

/// <summary>How fast rounds do what costs something; kept by whoever asks for rounds.</summary>
public sealed class RoundPace(LossTerms terms)
{
    private readonly Dictionary<DecisionId, string> told = [];
    private DateTimeOffset nextPlan;
    private DateTimeOffset nextLook;
    private (Law Law, DateOnly Day, LawAhead Ahead)? known;
    private Seq<DecisionId> soon = [];

    public LossTerms Terms => terms;

    internal MoveGovernor Governor { get; } = new(terms);

    /// <summary>Forgets what was done, because it did not land.</summary>
    public void Forget()
    {
        nextPlan = default;
        told.Clear();
    }

    /// <summary>The law of the days to come; worked out anew for another law and for another day.</summary>
    public LawAhead AheadOf(Law law, DateTimeOffset now)
    {
        var day = DateOnly.FromDateTime(now.UtcDateTime);
        if (known is { } last && last.Law == law && last.Day == day) return last.Ahead;
        known = (law, day, LawAhead.Of(law, now, terms.LawAhead));
        nextLook = default;
        return known.Value.Ahead;
    }

    /// <summary>What will be denied before long; looked for now and then, as it takes a look at all.</summary>
    internal Seq<DecisionId> Soon(World world, LawAhead ahead, DateTimeOffset now)
    {
        if (now < nextLook) return soon;
        nextLook = now + terms.LawAgain;
        return soon = ahead.Changes ? ahead.Denied(world) : [];
    }

    /// <summary>Whether something stays that was not told to, or for another reason; it is told from now on.</summary>
    internal bool IsNews(Seq<StayPut> stays)
    {
        var news = stays.Any(stay => told.GetValueOrDefault(stay.Placement) != stay.Reason);
        told.Clear();
        foreach (var stay in stays) told[stay.Placement] = stay.Reason;
        return news;
    }

    internal bool TryPlan(DateTimeOffset now)
    {
        if (now < nextPlan) return false;
        nextPlan = now + terms.PlanAgain;
        return true;
    }
}
