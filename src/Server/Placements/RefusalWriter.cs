using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Placements;

/// <summary>Writes refusals as clients read them: the reason, what is behind it, and what could be changed.</summary>
internal static class RefusalWriter
{
    public static RefusalAnswer Of(Explanation why)
    {
        var reason = ((Refused)why.Decision).Reason;
        return new RefusalAnswer
        {
            Reason = reason,
            Detail = Sentence(reason, why),
            Contradicting = [.. why.Contradicting],
            NearestChange = why.Nearest is { } nearest
                ? new NearestAnswer(nearest.Pool.Value, [.. nearest.Changes.Select(Of)])
                : null,
            Preemption = why.Barred,
            Reasons = [.. ReasonsOf(why)],
        };
    }

    private static IEnumerable<ReasonAnswer> ReasonsOf(Explanation why) => why.Trials
        .Where(trial => trial.Denial is not null)
        .GroupBy(trial => (trial.Denial!.Reason, trial.Denial.Rule, trial.Denial.Kind))
        .Select(group => new ReasonAnswer
        {
            Reason = group.Key.Reason,
            Kind = Names.Of(group.Key.Kind),
            Rule = group.Key.Rule,
            Sites = group.Select(trial => trial.Site).Distinct().Count(),
            Detail = group.First().Denial!.Because,
            Negotiable = group.Key.Kind == VerdictKind.Capacity,
        })
        .OrderByDescending(reason => reason.Sites)
        .ThenBy(reason => reason.Rule, StringComparer.Ordinal);

    private static string Sentence(string reason, Explanation why)
    {
        var sites = why.Trials.Select(trial => trial.Site).Distinct().Count();
        return reason switch
        {
            RefusalReason.PolicyContradiction =>
                $"The request's own clauses exclude each other: {string.Join(" and ", why.Contradicting)}.",
            RefusalReason.NoLawfulRegion => $"At each of {sites} sites some rule of law says no.",
            RefusalReason.NoActiveSite => "No site that the law allows takes workloads yet.",
            RefusalReason.DependencyUnmet => "No site that the law allows is near the workloads that it needs.",
            RefusalReason.NoCapableHardware =>
                "No site that the law allows has hardware that can do it, however free it is.",
            RefusalReason.QuotaExceeded => "There would be room, but not within the tenant's quota.",
            RefusalReason.LossUnsurvivable =>
                "There is room, but taking it would break the promise that the loss of a region is survived.",
            RefusalReason.NoCapacity => "Where the law allows it and the hardware can do it, there is too little room.",
            _ => throw new System.Diagnostics.UnreachableException(reason),
        };
    }

    private static ChangeAnswer Of(Relaxation change) => new(change.Field, change.From, change.To);
}
