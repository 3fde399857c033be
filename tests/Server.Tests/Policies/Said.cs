using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Reviews;

namespace ControlPlane.Server.Tests.Policies;

/// <summary>
/// What one way says: for each workload and pool, every rule with its reason, result and sentence, in order.
/// </summary>
internal sealed record Said(List<Dictionary<string, string>> ByPool)
{
    public static string Line(Verdict verdict) =>
        $"{verdict.Rule} {verdict.Reason} {verdict.Result.ToString().ToLowerInvariant()}: {verdict.Because}";

    public static Said By(
        LawQuestion question, Func<WorkloadQuestion, FleetPool, IEnumerable<string>> say, Fleet fleet) => new(
        question.Workloads
            .Select(workload => fleet.Pools.ToDictionary(
                pool => pool.Id.Value, pool => string.Join('\n', say(workload, pool)), StringComparer.Ordinal))
            .ToList());

    /// <summary>How many workload-pool pairs two ways judge differently.</summary>
    public int DifferencesTo(Said other) => ByPool.Zip(other.ByPool, (mine, theirs) =>
        mine.Count(item => theirs.GetValueOrDefault(item.Key) != item.Value)
        + Math.Abs(mine.Count - theirs.Count)).Sum();

    public string? FirstDifferenceTo(Said other)
    {
        foreach (var (mine, theirs) in ByPool.Zip(other.ByPool))
        {
            foreach (var (pool, said) in mine)
            {
                if (theirs.GetValueOrDefault(pool) != said)
                    return $"{pool}:\n{said}\n-- but --\n{theirs.GetValueOrDefault(pool)}";
            }
        }

        return null;
    }
}
