using ControlPlane.Inventory;

namespace ControlPlane.Failover;

/// <summary>What is found about the health of a site.</summary>
/// <param name="Condition">As it is held to be from now on.</param>
/// <param name="Health">The same without what operators said.</param>
/// <param name="Because">Why, for people.</param>
public sealed record SiteFinding(SiteCondition Condition, FindingKind Health, string Because)
{
    /// <summary>The finding holds only if the site was not heard since; its session ends with it.</summary>
    public long? OnlyAfterRenewals { get; init; }
}

/// <summary>What happened to the health of a site.</summary>
public enum FindingKind
{
    Joined,
    Suspected,
    Cleared,
    Lost,
    Returned,
    Wavered,
    Recovered,
}

/// <summary>What all sites are judged on.</summary>
/// <param name="World">The newest state.</param>
/// <param name="Sights">One for each site whose agent ever came.</param>
/// <param name="Now">The instant.</param>
/// <param name="WatchedFor">How long whoever judges has been able to hear; after a change of timeline from 0.</param>
public sealed record WatchQuestion(World World, Seq<SiteSight> Sights, DateTimeOffset Now, TimeSpan WatchedFor);

/// <summary>
/// Judges which sites are healthy, suspect, lost or recovering. Silence alone makes a site suspect; that it is lost
/// takes a lease that is surely over, and nobody who still reaches it. When many fall silent at once, it is rather the
/// one who listens.
/// </summary>
public static class SiteWatch
{
    public static Seq<SiteFinding> Judge(WatchQuestion question, LossTerms terms)
    {
        var blind = WhyBlind(question, terms) is not null;
        return question.Sights.OrderBy(sight => sight.Site)
            .Select(sight => Judge(question, sight, terms, blind))
            .OfType<SiteFinding>()
            .ToSeq();
    }

    /// <summary>Why nobody is taken for lost at the moment; null when nothing is against it.</summary>
    public static string? WhyBlind(WatchQuestion question, LossTerms terms) =>
        question.WatchedFor < terms.FenceAfter
            ? "sites have not been listened to for long enough"
            : WhyMass(question, terms);

    /// <summary>That so many sites are silent at once that it may be us; null when they are not.</summary>
    public static string? WhyMass(WatchQuestion question, LossTerms terms)
    {
        var known = question.Sights.Where(sight => ConditionOf(question, sight) is { } condition
            && condition is { Health: not SiteHealth.Lost, DeclaredDead: false }).ToList();
        var silent = known.Count(sight => sight.SilentFor >= terms.SuspectAfter);
        return silent >= terms.MassSites && silent * 100 > known.Count * terms.MassPercent
            ? $"{silent} of {known.Count} sites are silent at once: it may be us"
            : null;
    }

    private static SiteCondition? ConditionOf(WatchQuestion question, SiteSight sight) =>
        question.World.Sites.Find(sight.Site);

    private static SiteFinding? Judge(WatchQuestion question, SiteSight sight, LossTerms terms, bool blind)
    {
        var now = question.Now;
        if (sight.Lease.Session is null) return null;
        if (ConditionOf(question, sight) is not { } condition)
        {
            var joined = new SiteCondition { Site = sight.Site, Health = SiteHealth.Healthy, Since = now };
            return new(joined, FindingKind.Joined, "its agent came for the first time");
        }

        var silence = $"silent for {sight.SilentFor.TotalSeconds:0.0} s";
        var heard = sight.IsHeard(terms);
        // That one site does not reach another may be its own fault, and nobody closes a site by saying so.
        var ill = Signals(sight, terms).FirstOrDefault(signal =>
            signal is { Healthy: false, ConfidencePercent: >= 80, Source: not SignalSource.Peer });
        switch (condition.Health)
        {
            case SiteHealth.Healthy when !heard:
                return Find(SiteHealth.Suspect, FindingKind.Suspected, silence);
            case SiteHealth.Healthy when ill is not null:
                return Find(SiteHealth.Suspect, FindingKind.Suspected, $"{ill.Source} says it is ill: {ill.Detail}");
            case SiteHealth.Suspect when heard && ill is null && now - condition.Since >= terms.CalmAfter:
                return Find(SiteHealth.Healthy, FindingKind.Cleared, "heard again in time");
            case SiteHealth.Lost when heard:
                return Find(SiteHealth.Recovering, FindingKind.Returned, "a new session was opened");
            case SiteHealth.Recovering when !heard && !MayBeLost() && now - condition.Since >= terms.SuspectAfter:
                return Find(SiteHealth.Recovering, FindingKind.Wavered, silence);
            case SiteHealth.Recovering when heard && ill is null && IsStable():
                return Find(SiteHealth.Healthy, FindingKind.Recovered,
                    $"stable for {(now - condition.Since).TotalSeconds:0} s after {condition.Losses} losses");
            case SiteHealth.Suspect or SiteHealth.Recovering when !heard && MayBeLost():
                return Lose(condition, sight, now);
            default:
                return null;
        }

        SiteFinding Find(SiteHealth health, FindingKind kind, string because) =>
            new(Heard(condition, kind) with
            {
                Health = health,
                Since = now,
                Losses = condition.Health == SiteHealth.Healthy && now - condition.Since > terms.ForgetAfter
                    ? 0
                    : condition.Losses,
            }, kind, because);

        bool MayBeLost() => IsDead(condition, sight)
            ? sight.SilentFor >= terms.FenceAfter
            : !blind && sight.SilentFor >= terms.FenceAfter * (IsContradicted(sight, terms) ? terms.Contradicted : 1);

        bool IsStable() => now - condition.Since >= terms.HoldDownAfter(condition.Losses)
            && SiteWork.IsClean(question.World, sight);
    }

    /// <summary>
    /// A statement that a site is dead counts for one loss: when the site is heard all the same, it stays closed until
    /// an operator opens it, and what it runs is not moved on that word again.
    /// </summary>
    private static SiteCondition Heard(SiteCondition condition, FindingKind kind) =>
        condition.DeclaredDead && kind is (FindingKind.Cleared or FindingKind.Returned)
            ? condition with { DeclaredDead = false, Cordoned = true }
            : condition;

    private static SiteFinding Lose(SiteCondition condition, SiteSight sight, DateTimeOffset now)
    {
        var isDead = IsDead(condition, sight);
        var lost = condition with
        {
            Health = SiteHealth.Lost, Since = now, Losses = condition.Losses + 1, WasGuarded = sight.Lease.IsGuarded,
            DeclaredDead = isDead, Cordoned = condition.Cordoned || condition.DeclaredDead != isDead,
        };
        return new SiteFinding(
            lost, FindingKind.Lost, $"silent for {sight.SilentFor.TotalSeconds:0.0} s; its lease is surely over")
        {
            OnlyAfterRenewals = sight.Lease.Renewals,
        };
    }

    /// <summary>
    /// Whether a statement that a site is dead still stands. It ended the session: where one is open, the site came
    /// back since and was told what to run, maybe before anybody held it for ill.
    /// </summary>
    private static bool IsDead(SiteCondition condition, SiteSight sight) =>
        condition.DeclaredDead && sight.Lease.IsOver;

    /// <summary>Whether more of those who should know still reach the site than do not.</summary>
    private static bool IsContradicted(SiteSight sight, LossTerms terms)
    {
        var (reach, doNot) = Witnesses(sight, terms);
        return reach > doNot;
    }

    /// <summary>How many beside the site itself say that it is well, and how many that it is not.</summary>
    public static (int Reach, int DoNot) Witnesses(SiteSight sight, LossTerms terms)
    {
        var witnesses = Signals(sight, terms).Where(signal =>
            signal is { ConfidencePercent: >= 50, Source: SignalSource.Peer or SignalSource.Provider }).ToList();
        var reach = witnesses.Count(signal => signal.Healthy);
        return (reach, witnesses.Count - reach);
    }

    private static IEnumerable<HealthSignal> Signals(SiteSight sight, LossTerms terms) =>
        sight.Signals.Where(signal => signal.AgeMilliseconds <= terms.SignalLife.TotalMilliseconds);
}
