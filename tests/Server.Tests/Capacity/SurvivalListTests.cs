using ControlPlane.Capacity;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Server.Capacity;
using ControlPlane.Server.Hosting;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Tests.Capacity;

/// <summary>Many scenarios that are asked for at once.</summary>
public sealed class SurvivalListTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_word_that_stands_for_too_many_scenarios_is_refused_before_any_is_played_through()
    {
        var files = SmallFleet.Files().Concat(Enumerable.Range(0, 100).Select(number => new SourceFile(
            $"regions/de-x{number}.yaml", SmallFleet.Region($"de-x{number}", "DE", "acme"))));
        var fleet = RegionFiles.Parse([.. files]).Value;

        var pairs = CapacityApi.Asked("pairs", fleet, At);
        var usual = CapacityApi.Asked("usual", fleet, At);

        Assert.Equal(
            [
                new Problem("too-many", "?scenario",
                    "'pairs' is more than 5000 scenarios in this fleet; ask for less at once, or for one after the "
                    + "other"),
            ],
            pairs.Problems);
        Assert.Equal(103, usual.Value.Scenarios.Count);
    }

    [Fact]
    public void When_whoever_asks_has_gone_no_further_scenario_is_played_through()
    {
        using var client = new CancellationTokenSource();
        var played = 0;

        IEnumerable<SurvivalReport> Play()
        {
            for (; played < 10; played++)
            {
                if (played == 2) client.Cancel();
                yield return Report(0);
            }
        }

        Assert.Throws<OperationCanceledException>(() => CapacityApi.Told(SmallFleet.Fleet, Play(), client.Token));
        Assert.Equal(2, played);
    }

    [Theory]
    [InlineData(2, 150_000, false)]
    [InlineData(2, 90_000, true)]
    [InlineData(1, 250_000, true)]
    public void An_answer_on_many_has_so_many_workloads_and_one_on_a_single_scenario_has_them_all(
        int scenarios, int workloads, bool isAnswered)
    {
        var reports = Enumerable.Repeat(Report(workloads), scenarios);

        var told = CapacityApi.Told(SmallFleet.Fleet, reports, CancellationToken.None);

        Assert.Equal(isAnswered ? null : "too-many", (told as ProblemAnswer)?.Slug);
    }

    private static SurvivalReport Report(int workloads)
    {
        var placement = new Placement
        {
            Id = new(new Guid(1, 0, 0, new byte[8])), State = PlacementState.Bound, Epoch = 1, DecidedAt = At,
            Units = [],
            Request = new PlacementRequest
            {
                Tenant = new("acme"), Workload = "api", Kind = WorkloadKind.Service, DataClass = new("public"),
                Units = 1, Unit = new UnitNeed { CpuMilli = 1_000, MemoryMib = 1_024 },
            },
        };
        var lost = new WorkloadSurvival(placement, 1, 0, [], [], SurvivalOutcome.NoRoom, IsUnlawful: false);
        return new SurvivalReport
        {
            Scenario = "region-lost de-one", AsOf = At, Position = 1, Shortages = [], Purchases = [], GapToBound = 0,
            Workloads = [.. Enumerable.Repeat(lost, workloads)],
        };
    }
}
