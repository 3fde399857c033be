using System.Diagnostics;
using System.Globalization;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Reviews;
using Xunit.Abstractions;

namespace ControlPlane.Core.Tests.Reviews;

/// <summary>
/// A change compared on very many placements on the shipped regions, beside judging each of them rule by rule.
/// </summary>
public sealed class PolicyDiffScaleTests(ITestOutputHelper output)
{
    private const int Placements = 100_000;
    private const int Asked = 1_000;

    [Fact]
    public void A_hundred_thousand_placements_are_compared_and_a_sample_is_judged_one_by_one()
    {
        var fleet = RegionFiles.Parse(Checkout.Read("regions")).Value;
        var many = new ManyPlacements(fleet, PolicyFiles.Parse(Checkout.Read("policies"), fleet).Value);
        var question = many.Question(Placements);

        var watch = Stopwatch.StartNew();
        var effect = PolicyDiff.Of(question, many.Before, many.After);
        var compared = watch.Elapsed;
        var sample = ManyPlacements.Sample(question, Asked);
        watch.Restart();
        var oracle = new EffectOracle(sample, many.Before, many.After);
        var unlawful = oracle.NewlyUnlawful().ToHashSet();
        var failover = oracle.Failover().Select(item => item.Id).ToHashSet();
        var judged = watch.Elapsed * (Placements / Asked);

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Placements} placements: compared in {compared.TotalSeconds:0.00} s; "
            + $"rule by rule {judged.TotalSeconds:0} s (from {Asked} of them); "
            + $"{effect.NewlyUnlawful.Count} unlawful, {effect.Failover.Count} with other failover sites"));
        var asked = sample.Running.Select(item => item.Id).ToHashSet();
        Assert.Equal(unlawful, effect.NewlyUnlawful.Select(change => change.Placement.Id)
            .Where(asked.Contains).ToHashSet());
        Assert.Equal(failover, effect.Failover.Select(change => change.Placement.Id).Where(asked.Contains).ToHashSet());
        Assert.NotEmpty(unlawful);
    }
}
