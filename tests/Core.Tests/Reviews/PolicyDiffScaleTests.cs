using System.Diagnostics;
using System.Globalization;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Reviews;
using ControlPlane.Workloads;
using Xunit.Abstractions;

namespace ControlPlane.Core.Tests.Reviews;

/// <summary>
/// A change compared on very many placements on the shipped regions, beside judging each of them rule by rule.
/// </summary>
public sealed class PolicyDiffScaleTests(ITestOutputHelper output)
{
    private const int Placements = 100_000;
    private const int Asked = 1_000;

    private static readonly DateTimeOffset AsOf = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly Fleet Fleet = RegionFiles.Parse(Checkout.Read("regions")).Value;

    [Fact]
    public void A_hundred_thousand_placements_are_compared_and_a_sample_is_judged_one_by_one()
    {
        var policies = PolicyFiles.Parse(Checkout.Read("policies"), Fleet).Value;
        var narrowed = Narrowed(policies);
        var question = new ReviewQuestion(Fleet, Running(), AsOf);
        var (before, after) = (new ReviewSide(Fleet, policies), new ReviewSide(Fleet, narrowed));

        var watch = Stopwatch.StartNew();
        var effect = PolicyDiff.Of(question, before, after);
        var compared = watch.Elapsed;
        var sample =
            question with { Running = question.Running.Where((_, index) => index % (Placements / Asked) == 0).ToSeq() };
        watch.Restart();
        var oracle = new EffectOracle(sample, before, after);
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

    /// <summary>Health data may stay in Germany only.</summary>
    private static PolicySet Narrowed(PolicySet policies) => policies with
    {
        Digest = "narrowed",
        Policies = policies.Policies.Select(policy => policy.Id.Value != "eu-health-data" ? policy : policy with
        {
            Rules = policy.Rules.Select(rule =>
                rule is ResidencyRule residency ? residency with { Allow = [new("DE")] } : rule).ToSeq(),
        }).ToSeq(),
    };

    /// <summary>
    /// Small tasks of many tenants, most of them on nodes without accelerators, since there are not as many.
    /// </summary>
    private static Seq<Placement> Running()
    {
        var pools = Fleet.Pools.Where(pool => pool.Site.Spec.Status == SiteStatus.Active && pool.Nodes > 0).ToList();
        string[] classes = ["health", "public", "government"];
        return Enumerable.Range(0, Placements).Select(index =>
        {
            var pool = pools[index % pools.Count];
            return new Placement
            {
                Id = new DecisionId(new Guid(index + 1, 0, 0, new byte[8])),
                Request = new PlacementRequest
                {
                    Tenant = new($"tenant-{index % 97}"), Workload = $"task-{index}", Kind = WorkloadKind.Batch,
                    DataClass = new(classes[index / 7 % classes.Length]), Units = 1,
                    Unit = new UnitNeed { CpuMilli = 10, MemoryMib = 1 },
                },
                State = PlacementState.Bound,
                Epoch = 1,
                Units = [new UnitBinding(new NodeId(pool.Id, index / pools.Count % pool.Nodes), 0, 0)],
                DecidedAt = AsOf.AddDays(-1),
            };
        }).ToSeq();
    }
}
