using System.Diagnostics;
using System.Globalization;
using ControlPlane.Core.Tests;
using ControlPlane.Core.Tests.Reviews;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Reviews;

namespace ControlPlane.Bench.Reviews;

/// <summary>
/// Measures what a pull request does to everything that runs: the comparison of two policy sets, beside judging every
/// placement rule by rule with nothing remembered.
/// </summary>
internal static class DiffTable
{
    private const int Asked = 500;

    public static BenchTable Make(BenchOptions options)
    {
        var fleet = RegionFiles.Parse(Checkout.Read("regions")).Value;
        var policies = PolicyFiles.Parse(Checkout.Read("policies"), fleet).Value;
        var many = new ManyPlacements(fleet, policies);
        var sizes = options.Sizes.Count > 0 ? options.Sizes : options.Quick ? [1_000] : [1_000, 10_000, 100_000];
        var table = new BenchTable(
            "diff", $"A change of policies, {policies.Policies.Count} policies, {fleet.Pools.Count} pools",
            ["placements", "compared in", "each", "brute force", "ratio", "unlawful", "other failover sites"]);
        PolicyDiff.Of(many.Question(500), many.Before, many.After);
        foreach (var size in sizes) Measure(table, many, size);
        table.Notes.Add($"brute force: {Asked} of the placements judged rule by rule on both sides, times as many as "
            + "there are; both name the same placements");
        table.Notes.Add($"a place to move to is sought for the first {PolicyDiff.MostMovesSought} that must move");
        return table;
    }

    private static void Measure(BenchTable table, ManyPlacements many, int size)
    {
        var question = many.Question(size);
        ChangeEffect? effect = null;
        var compared = Time(() => effect = PolicyDiff.Of(question, many.Before, many.After));
        var sample = ManyPlacements.Sample(question, Math.Min(Asked, size));
        var oracle = new EffectOracle(sample, many.Before, many.After);
        HashSet<DecisionId> unlawful = [], failover = [];
        var judged = Time(() =>
        {
            unlawful = [.. oracle.NewlyUnlawful()];
            failover = [.. oracle.Failover().Select(item => item.Id)];
        }) * ((double)size / sample.Running.Count);
        var asked = sample.Running.Select(placement => placement.Id).ToHashSet();
        // Set in the lambda above.
        if (!unlawful.SetEquals(effect!.NewlyUnlawful.Select(change => change.Placement.Id).Where(asked.Contains))
            || !failover.SetEquals(effect.Failover.Select(change => change.Placement.Id).Where(asked.Contains)))
            table.Wrong.Add($"{size} placements: comparison and brute force name different ones");
        table.Add(
            $"{size}", Seconds(compared), $"{compared / size * 1e6:f1} us", Seconds(judged),
            (judged / compared).ToString("f0", CultureInfo.InvariantCulture),
            $"{effect.NewlyUnlawful.Count}", $"{effect.Failover.Count}");
    }

    /// <summary>Processor time, because others may use the machine as well.</summary>
    private static double Time(Action work)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        work();
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalSeconds;
    }

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s");
}
