using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Server.Tests.Trace;
using ControlPlane.Traces;
using ControlPlane.Workloads;

namespace ControlPlane.Bench.Packing;

/// <summary>
/// Decides the pods of an order one after the other as the API decides them, on a world that has a pool for each shape
/// of node of the trace.
/// </summary>
internal sealed class DecidedRun
{
    private static readonly DateTimeOffset asOf = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    private readonly World world = new();
    private readonly Law law;

    private DecidedRun(Fleet fleet, Preferences preferences)
    {
        world.Declare(fleet, asOf);
        law = new Law(world.Fleet, new PolicySet { Policies = [], Preferences = preferences, Digest = "bench" });
    }

    public long PlacedMilli { get; private set; }

    public int Refused { get; private set; }

    /// <summary>One number for every place decided.</summary>
    public ulong Digest { get; private set; } = 14695981039346656037UL;

    public TimeSpan Elapsed { get; private set; }

    /// <summary>Decisions that looking at every pool, with nothing remembered, would have made otherwise.</summary>
    public int Otherwise { get; private set; }

    public long InstalledMilli => world.Fleet.Pools.Sum(pool => pool.AcceleratorMilli);

    public bool IsSound => world.Fleet.Pools.All(pool =>
        Enumerable.Range(0, pool.Nodes).All(node => world.Nodes.IsSound(pool.Index, node)));

    public static Fleet FleetOf(IReadOnlyList<TraceNode> nodes) => RegionFiles.Parse(TraceFleet.Files(nodes)).Value;

    /// <param name="fleet">The fleet; nothing runs on it.</param>
    /// <param name="expected">Work that the preferences expect.</param>
    /// <param name="pods">Pods in the order of arrival.</param>
    /// <param name="checkEach">Every so manieth decision is made once more on a copy; none when 0.</param>
    public static DecidedRun Of(
        Fleet fleet, Seq<ExpectedWork> expected, IReadOnlyList<TracePod> pods, int checkEach)
    {
        var run = new DecidedRun(fleet, Preferences.Default with { ExpectedWork = expected });
        var requests = pods.Select(RequestOf).ToList();
        var before = Environment.CpuUsage.TotalTime;
        for (var pod = 0; pod < requests.Count; pod++)
        {
            if (checkEach > 0 && pod % checkEach == 0) run.Check(requests[pod]);
            run.Decide(pod, requests[pod]);
        }

        run.Elapsed = Environment.CpuUsage.TotalTime - before;
        return run;
    }

    private void Decide(int pod, PlacementRequest request)
    {
        if (Placer.Decide(world, law, request, asOf) is not Placed placed)
        {
            Refused++;
            return;
        }

        PlacedMilli += request.AcceleratorMilliTotal;
        var unit = placed.Units[0];
        var place = (ulong)((world.Fleet.FindPool(unit.Node.Pool)!.Index << 16) + unit.Node.Ordinal); // it was chosen
        Digest = ((Digest ^ place) * 1099511628211UL ^ unit.Devices) * 1099511628211UL;
        world.Add(new Placement
        {
            Id = new DecisionId(new Guid(pod, 0, 0, new byte[8])), Request = request, Epoch = 1,
            State = PlacementState.Bound, Units = placed.Units, DecidedAt = asOf, Isolation = placed.Isolation,
        });
        world.Settle();
    }

    private void Check(PlacementRequest request)
    {
        var question = new Question(world.Copy(), law, law.Shape(request, asOf).Request, asOf);
        var plain = DecisionCodec.ToBytes(Placer.Scan(question, LawSubject.Of(request)));
        var decided = DecisionCodec.ToBytes(Placer.Decide(world, law, request, asOf));
        if (!plain.AsSpan().SequenceEqual(decided)) Otherwise++;
    }

    private static PlacementRequest RequestOf(TracePod pod) => new()
    {
        Tenant = new("openb"), Workload = pod.Name, Kind = WorkloadKind.Batch, DataClass = new("public"), Units = 1,
        Unit = new UnitNeed
        {
            Accelerators = pod.IsShare ? 0 : pod.Gpus, AcceleratorShareMilli = pod.IsShare ? pod.GpuMilli : 0,
            Skus = pod.Models.Length == 0
                ? []
                : pod.Models.Split('|').Distinct().Select(model => new SkuId(TraceFleet.SkuOf(model))).ToSeq(),
            CpuMilli = pod.CpuMilli, MemoryMib = pod.MemoryMib,
        },
    };
}
