using System.Globalization;
using ControlPlane.Capacity;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Traces;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Capacity;

/// <summary>
/// The shipped catalogue under the shipped policies with the public GPU trace as load, played through: what starts is
/// placed, what ends is released, and what is in use is counted as a server counts it. The trace knows no law: its work
/// gets data classes and residences by a fixed rule, and any capable model will do.
/// </summary>
internal sealed class TraceWorld
{
    /// <summary>
    /// Workloads that one pod of the trace stands for, each of some units, since the trace has some fifty accelerators
    /// in use and the fleet has 18,768.
    /// </summary>
    private const int WorkloadsOfPod = 20;

    private const int UnitsOfWorkload = 6;

    /// <summary>Hours from one look at the trace to the next, or the test would take too long.</summary>
    private const int LookHours = 6;

    private static readonly (int UpTo, string DataClass, string[] Residency)[] kinds =
    [
        (30, "health", ["DE"]), (45, "health", ["FR"]), (55, "personal", ["IN"]), (70, "public", []),
        (100, "personal", ["EU"]),
    ];

    private readonly List<UsageRow> samples = [];
    private readonly PriorityQueue<DecisionId, int> ends = new();
    private readonly List<(PlacementRequest Request, int UntilHour)> waiting = [];
    private int started;

    private TraceWorld()
    {
        var fleet = RegionFiles.Parse(Checkout.Read("regions")).Value;
        World.Declare(fleet, AsOf);
        Law = new Law(fleet, PolicyFiles.Parse(
            Checkout.Read("policies").Where(file => !file.Path.Contains("/pack/", StringComparison.Ordinal)
                && !PolicyFiles.IsCasesPath(file.Path)).ToList(), fleet).Value);
    }

    public static DateTimeOffset AsOf { get; } = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public World World { get; } = new();

    public Law Law { get; }

    /// <summary>Requests that found no place and would still run.</summary>
    public Seq<PlacementRequest> Waiting => waiting.Select(item => item.Request).ToSeq();

    /// <summary>Plays the trace up to now. What starts and ends between two looks is not seen.</summary>
    public static TraceWorld Play()
    {
        var world = new TraceWorld();
        var pods = File.ReadLines(DataFolder.In("traces", "openb_pod_list_default.csv")).Skip(1).Select(Pod.Of)
            .Where(pod => pod.GpuMilli > 0).ToList();
        // The last hours only see the trace end.
        var last = pods.Max(pod => pod.UntilHour) - 24;
        var next = new Queue<(Pod Pod, int Index)>(pods.Select((pod, index) => (pod, index))
            .OrderBy(item => item.pod.FromHour));
        for (var hour = last % LookHours; hour <= last; hour += LookHours)
        {
            world.End(hour);
            for (; next.Count > 0 && next.Peek().Pod.FromHour <= hour; next.Dequeue())
            {
                if (next.Peek().Pod.UntilHour > hour) world.Start(next.Peek());
            }

            world.samples.AddRange(UsageRows.Of(world.World, AsOf.AddHours(hour - last)));
            world.World.Settle();
        }

        return world;
    }

    /// <summary>Use by day of every region and model, and of every region's power.</summary>
    public IEnumerable<RegionUsage> History() => UsageRows.Series(samples, TimeSpan.FromHours(LookHours))
        .Select(usage => usage with { Past = usage.Past.Daily() });

    private void Start((Pod Pod, int Index) started)
    {
        for (var copy = 0; copy < WorkloadsOfPod; copy++)
            Run(started.Pod.Request((started.Index * WorkloadsOfPod) + copy), started.Pod.UntilHour);
    }

    /// <summary>What ended makes room for what waits.</summary>
    private void End(int hour)
    {
        while (ends.TryPeek(out var id, out var until) && until <= hour)
        {
            ends.Dequeue();
            World.Remove(id);
        }

        var again = waiting.FindAll(item => item.UntilHour > hour);
        waiting.Clear();
        foreach (var (request, until) in again) Run(request, until);
    }

    private void Run(PlacementRequest request, int untilHour)
    {
        if (Placer.Decide(World, Law, request, AsOf) is not Placed placed)
        {
            waiting.Add((request, untilHour));
            return;
        }

        var id = new DecisionId(new Guid(++started, 0, 0, new byte[8]));
        World.Add(new Placement
        {
            Id = id, Request = request, Epoch = 1, State = PlacementState.Bound, Units = placed.Units,
            DecidedAt = AsOf, Isolation = placed.Isolation,
        });
        ends.Enqueue(id, untilHour);
    }

    private sealed record Pod(int CpuMilli, int MemoryMib, int Gpus, int GpuMilli, int FromHour, int UntilHour)
    {
        public static Pod Of(string line)
        {
            var fields = line.Split(',');
            int Number(int at) =>
                fields[at].Length == 0 ? 0 : (int)double.Parse(fields[at], CultureInfo.InvariantCulture);
            return new(
                Number(1), Number(2), Number(3), Number(3) * Number(4), FullHour(Number(8)), FullHour(Number(9)));
        }

        /// <summary>The first full hour that is not before an instant.</summary>
        private static int FullHour(int seconds) => (seconds + 3599) / 3600;

        public PlacementRequest Request(int index)
        {
            // Each pod is of every kind, by the share of the kind.
            var kind = kinds.First(kind => index % WorkloadsOfPod * 100 < kind.UpTo * WorkloadsOfPod);
            return new PlacementRequest
            {
                Tenant = new($"tenant-{index * 7 % 12:00}"), Workload = $"pod-{index:000000}",
                Kind = WorkloadKind.Batch,
                DataClass = new(kind.DataClass),
                Residency = kind.Residency.Select(id => new JurisdictionId(id)).ToSeq(),
                Units = UnitsOfWorkload, Priority = index % 5 * 100,
                Unit = new UnitNeed
                {
                    Accelerators = GpuMilli >= 1000 ? GpuMilli / 1000 : 0,
                    AcceleratorShareMilli = GpuMilli >= 1000 ? 0 : GpuMilli,
                    CpuMilli = CpuMilli, MemoryMib = MemoryMib,
                },
            };
        }
    }
}
