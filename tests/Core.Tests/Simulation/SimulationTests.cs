using System.Diagnostics;
using ControlPlane.Simulation;
using Xunit.Abstractions;

namespace ControlPlane.Core.Tests.Simulation;

/// <summary>
/// Runs agents, servers and the ledger under virtual time. A failure names seed and commit; CPLANE_SEED runs that seed
/// alone, and ControlPlane.Simulation --from SEED --seeds 1 --trace tells what happened.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Seeds = 6_000;
    private const int SeedsReplayed = 50;

    /// <summary>Seeds that are added, however fast the machine is, until so much time went by.</summary>
    private const int SeedsMore = 1_000;
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(60);

    [Fact]
    public void Nothing_runs_twice_is_lost_is_unlawful_or_leaks_whatever_fails()
    {
        var only = Environment.GetEnvironmentVariable("CPLANE_SEED");
        var (from, to) = only is { Length: > 0 } ? (Number(only), Number(only) + 1) : (1, Seeds + 1);
        var gate = new Lock();
        var (faulty, events, moves, injected) = (new List<string>(), 0L, 0L, 0L);
        var watch = Stopwatch.StartNew();

        Run(from, to);
        while (only is null && watch.Elapsed < LeastTime)
        {
            Run(to, to + SeedsMore);
            to += SeedsMore;
        }

        output.WriteLine(FormattableString.Invariant(
            $"{to - from} seeds, {events} events, {injected} faults, {moves} moves, {watch.Elapsed.TotalSeconds:0} s"));
        Assert.Empty(faulty);
        // A run in which little happened shows nothing.
        if (only is null)
            Assert.True(moves > to - from && injected > (to - from) * 10, $"{moves} moves, {injected} faults");

        void Run(int first, int behind) => Parallel.For(first, behind, seed =>
        {
            var result = SimRun.Of(seed);
            lock (gate)
            {
                (events, moves, injected) = (events + result.Events, moves + result.Moves, injected + result.Injected);
                if (result.Faults.Count > 0)
                    faulty.Add($"seed {seed} at commit {Commit.Current}: {string.Join("; ", result.Faults)}");
            }
        });
    }

    [Fact]
    public void A_seed_gives_the_same_trace_again()
    {
        var seeds = Enumerable.Range(1, SeedsReplayed).ToList();

        var first = seeds.ConvertAll(seed => SimRun.Of(seed).Trace);
        var second = seeds.ConvertAll(seed => SimRun.Of(seed).Trace);

        Assert.Equal(first, second);
        Assert.Equal(seeds.Count, first.Distinct().Count());
    }

    public static TheoryData<string> Defects() =>
        new(Enum.GetNames<Defect>().Where(name => name != nameof(Defect.None)));

    [Theory]
    [MemberData(nameof(Defects))]
    public void A_planted_defect_is_noticed_within_the_seeds_of_a_run(string name)
    {
        var defect = Enum.Parse<Defect>(name);
        var found = 0;

        Parallel.For(1, Seeds + 1, (seed, loop) =>
        {
            if (SimRun.Of(seed, defect).Faults.Count == 0) return;
            Interlocked.CompareExchange(ref found, seed, 0);
            loop.Stop();
        });

        output.WriteLine($"{defect}: seed {found}");
        Assert.NotEqual(0, found);
    }

    private static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
