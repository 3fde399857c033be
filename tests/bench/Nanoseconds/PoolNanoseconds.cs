using BenchmarkDotNet.Attributes;
using ControlPlane.Bench.Pools;

namespace ControlPlane.Bench.Nanoseconds;

/// <summary>
/// Times the walk over pools: with taking and giving back on a world that is so full, and to the refusal where it is
/// quite full.
/// </summary>
// BenchmarkDotNet takes public, unsealed classes only.
public class PoolNanoseconds
{
    /// <summary>Decisions of one invocation, so that the clock's own time does not count.</summary>
    public const int Decisions = 4_096;

    private const int Seed = 1;
    private const int FewLaws = 64;

    private PoolRun run = null!; // made before anything is timed
    private Chooser walk = null!;
    private Chooser decide = null!;

    [ParamsSource(nameof(Worlds))]
    public string World { get; set; } = "";

    /// <summary>Worlds that are measured; of few pools only when it has to be quick.</summary>
    public static IEnumerable<string> Worlds => NanosecondsTable.IsQuick
        ? ["1000 pools, 60 % full", "1000 pools, all full"]
        :
        [
            "4000 pools, 60 % full", "4000 pools, 90 % full", "4000 pools, all full", "100000 pools, 60 % full",
            "100000 pools, all full",
        ];

    [GlobalSetup]
    public void Fill()
    {
        var words = World.Split(' ');
        var pools = int.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture);
        var percent = words[2] == "all"
            ? 100
            : int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture);
        var made = new BenchWorld(pools, Seed, pools > 10_000 ? FewLaws : BenchWorld.Laws);
        var requests = made.Requests(Decisions);
        run = new PoolRun(made, requests);
        walk = PoolRun.Walk(made, requests);
        decide = PoolRun.Decide(made, requests);
        run.Fill(walk, percent);
        run.Rewind();
        run.GiveWhenRefused = percent < 100;
        run.Decide(walk, Decisions);
        run.Decide(decide, Decisions);
    }

    [Benchmark(OperationsPerInvoke = Decisions, Description = "walk, taking and giving back")]
    public void Walk() => run.Decide(walk, Decisions);

    [Benchmark(OperationsPerInvoke = Decisions, Description = "Decide around it")]
    public void Decide() => run.Decide(decide, Decisions);
}
