namespace ControlPlane.Capacity.Gravity;

/// <summary>
/// Searches the cheapest set of copies with which every need holds. Some copy that a need can use has to be added as
/// long as it does not hold, so every set is met once; those that already cost as much as the best are cut off.
/// </summary>
internal sealed class StandbySearch(List<StandbyCandidate> all, List<StandbyNeed> needs)
{
    /// <summary>Sets that are looked at; past it the best so far is taken.</summary>
    private const int MostSteps = 20_000;

    private readonly List<StandbyCandidate> byPrice =
        [.. all.OrderBy(item => item.Copy.TotalUsd).ThenBy(item => item.Copy.Dataset).ThenBy(item => item.Site)];

    private readonly List<StandbyCandidate> chosen = [];
    private readonly HashSet<StandbyCandidate> excluded = new(ReferenceEqualityComparer.Instance);
    private List<StandbyCandidate> best = all;
    private decimal bestUsd = decimal.MaxValue;
    private int steps;

    /// <summary>Whether nothing was left out.</summary>
    public bool IsCheapest => steps <= MostSteps;

    public List<StandbyCandidate> Cheapest()
    {
        if (needs.Count == 0) return [];
        Greedy();
        Search(0);
        return best;
    }

    /// <summary>A first answer: all copies, without those that are not needed, the dearest first.</summary>
    private void Greedy()
    {
        var left = new List<StandbyCandidate>(byPrice);
        for (var index = left.Count - 1; index >= 0; index--)
        {
            var candidate = left[index];
            left.RemoveAt(index);
            if (!needs.TrueForAll(need => need.Holds(left))) left.Insert(index, candidate);
        }

        (best, bestUsd) = (left, left.Sum(item => item.Copy.TotalUsd));
    }

    private void Search(decimal usd)
    {
        if (++steps > MostSteps || !IsBetter(usd, chosen.Count)) return;
        if (needs.Find(need => !need.Holds(chosen)) is not { } need)
        {
            (best, bestUsd) = ([.. chosen], usd);
            return;
        }

        var tried = new List<StandbyCandidate>();
        foreach (var candidate in byPrice)
        {
            if (!IsBetter(usd + candidate.Copy.TotalUsd, chosen.Count + 1)) break;
            if (excluded.Contains(candidate) || chosen.Contains(candidate) || !need.MayUse(candidate)) continue;
            chosen.Add(candidate);
            Search(usd + candidate.Copy.TotalUsd);
            chosen.RemoveAt(chosen.Count - 1);
            excluded.Add(candidate);
            tried.Add(candidate);
        }

        excluded.ExceptWith(tried);
    }

    // Of two that cost the same the one with fewer copies is better.
    private bool IsBetter(decimal usd, int copies) => usd < bestUsd || (usd == bestUsd && copies < best.Count);
}
