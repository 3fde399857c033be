using System.Globalization;
using ControlPlane.Ledger;
using ControlPlane.Policies;
using ControlPlane.Reviews;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Policies;

/// <summary>Writes what the ledger knows of policies as answers.</summary>
internal static class PolicyWriter
{
    public static PoliciesAnswer Of(PoliciesInForce inForce, PolicySet policies) => new()
    {
        Digest = inForce.Digest ?? PolicySet.None.Digest,
        Version = inForce.Version,
        Policies = [.. policies.Policies.Select(policy => policy.Id.Value).Distinct(StringComparer.Ordinal)],
        Ahead = [.. inForce.Stages.Select(stage => new AheadAnswer
        {
            Digest = stage.Digest, Regions = [.. stage.Regions.Select(region => region.Value)],
        })],
        JudgedBy = policies.Digest,
    };

    public static PolicySetAnswer Of(Activation done, PoliciesInForce inForce) => new()
    {
        Version = done.Version,
        Digest = done.Digest,
        Position = done.Position,
        At = done.At,
        Regions = [.. done.Regions.Select(region => region.Value)],
        SignedBy = done.SignedBy,
        InForce = done.Digest == inForce.Digest || inForce.Stages.Any(stage => stage.Digest == done.Digest),
    };

    public static FindingAnswer Of(OpenFinding open, DateTimeOffset now) => new()
    {
        Id = open.Finding.Placement.Value,
        Tenant = open.Finding.Tenant.Value,
        Workload = open.Finding.Workload,
        Sites = [.. open.Finding.Sites.Select(site => site.Value)],
        FoundAt = open.FoundAt,
        Position = open.Position,
        Deadline = Day(open.Finding.Deadline),
        Overdue = open.IsOverdue(now),
        Breaches = [.. open.Finding.Breaches.Select(breach => new BreachAnswer
        {
            Rule = breach.Rule,
            Reason = breach.Reason,
            Because = breach.Because,
            Since = Day(breach.Since),
            Deadline = Day(breach.Deadline),
        })],
    };

    public static ActivationAnswer Of(PoliciesJudged judged, (ChangeEffect Effect, long Position)? seen)
    {
        var moves = seen?.Effect.MustMove.ToDictionary(move => move.Placement.Id) ?? [];
        return new ActivationAnswer
        {
            Digest = judged.Digest,
            InForce = judged.InForce,
            Changed = judged.Changed,
            Version = judged.Version,
            JudgedAt = seen?.Position,
            NewlyUnlawful = [.. judged.Unlawful
                .OrderByDescending(binding => binding.Placement.Request.Priority)
                .ThenBy(binding => binding.Placement.Id)
                .Select(binding => Of(binding, moves.GetValueOrDefault(binding.Placement.Id)))],
            NewlyLawful = seen?.Effect.NewlyLawful.Count ?? 0,
            LoseFailover = seen?.Effect.LosesFailover.Count() ?? 0,
        };
    }

    private static UnlawfulAnswer Of(UnlawfulBinding binding, MoveOutlook? outlook) => new()
    {
        Id = binding.Placement.Id.Value,
        Tenant = binding.Placement.Request.Tenant.Value,
        Workload = binding.Placement.Request.Workload,
        Rule = binding.Breaches[0].Rule,
        Because = binding.Breaches[0].Because,
        Deadline = Day(binding.Deadline),
        Outlook = outlook switch
        {
            MovesTo => "movesTo",
            Stranded => "stranded",
            _ => "notSought",
        },
    };

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
