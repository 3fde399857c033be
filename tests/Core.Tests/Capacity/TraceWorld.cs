using System.Globalization;
using ControlPlane.Capacity;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Traces;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Capacity;

/// <summary>
/// The shipped catalogue under the shipped policies with the public GPU trace as load. The trace knows no law: each of
/// its services gets a data class and a residence by a fixed rule, and any capable model will do.
/// </summary>
internal sealed class TraceWorld
{
    private static readonly (int UpTo, string DataClass, string[] Residency)[] kinds =
    [
        (30, "health", ["DE"]), (45, "health", ["FR"]), (55, "personal", ["IN"]), (70, "public", []),
        (100, "personal", ["EU"]),
    ];

    private readonly Dictionary<(RegionId, SkuId?), double[]> changes = [];
    private readonly Dictionary<(RegionId, SkuId?), double> inUse = [];

    private TraceWorld(int hours)
    {
        var fleet = RegionFiles.Parse(Checkout.Read("regions")).Value;
        World.Declare(fleet, AsOf);
        Law = new Law(fleet, PolicyFiles.Parse(
            Checkout.Read("policies").Where(file => !file.Path.Contains("/pack/", StringComparison.Ordinal)
                && !PolicyFiles.IsCasesPath(file.Path)).ToList(), fleet).Value);
        Hours = hours;
    }

    public static DateTimeOffset AsOf { get; } = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public World World { get; } = new();

    public Law Law { get; }

    /// <summary>Requests that found no place.</summary>
    public List<PlacementRequest> Waiting { get; } = [];

    private int Hours { get; }

    /// <summary>
    /// Places every pod as if all ran today, since a few dozen at a time, as in the trace, would be no load at all.
    /// </summary>
    public static TraceWorld Load(int hours)
    {
        var world = new TraceWorld(hours);
        var rows = File.ReadLines(DataFolder.In("traces", "openb_pod_list_default.csv")).Skip(1).ToList();
        var pods = rows.Select(Pod.Of).Where(pod => pod.GpuMilli > 0).ToList();
        // The last hours only see the trace end.
        var now = pods.Max(pod => pod.UntilHour) - 24;
        foreach (var (index, pod) in pods.Index()) world.Run(pod, index, now);
        world.World.Settle();
        return world;
    }

    /// <summary>
    /// Hourly use by region and model, and by region in megawatts: the course of the trace's own pods there, with its
    /// most as large as what is in use today, so that it never was more than there is.
    /// </summary>
    public IEnumerable<RegionUsage> History()
    {
        var ordered = changes.OrderBy(item => item.Key.Item1)
            .ThenBy(item => item.Key.Item2?.Value, StringComparer.Ordinal);
        foreach (var ((region, sku), steps) in ordered)
        {
            var (sum, values) = (0.0, new double[steps.Length]);
            for (var hour = 0; hour < steps.Length; hour++) values[hour] = Math.Max(0, sum += steps[hour]);
            var scale = inUse[(region, sku)] / values.Max();
            if (!double.IsFinite(scale)) continue;
            yield return new RegionUsage(region, sku, new UsageSeries(
                AsOf.AddHours(-Hours + 1), TimeSpan.FromHours(1), values.Select(value => value * scale).ToSeq()));
        }
    }

    private void Run(Pod pod, int index, int now)
    {
        var request = pod.Request(index);
        if (Placer.Decide(World, Law, request, AsOf) is not Placed placed)
        {
            Waiting.Add(request);
            return;
        }

        Count(placed, request, (pod.FromHour - now + Hours - 1, pod.UntilHour - now + Hours - 1));
        World.Add(new Placement
        {
            Id = new DecisionId(new Guid(index + 1, 0, 0, new byte[8])), Request = request, Epoch = 1,
            State = PlacementState.Bound, Units = placed.Units, DecidedAt = AsOf, Isolation = placed.Isolation,
        });
    }

    private void Count(Placed placed, PlacementRequest request, (int From, int Until) hours)
    {
        foreach (var unit in placed.Units)
        {
            var pool = World.Fleet.FindPool(unit.Node.Pool)!;
            var need = request.Unit;
            Add((pool.Region.Id, pool.Sku!.Id), need.AcceleratorMilli / 1000.0, hours);
            Add((pool.Region.Id, null), pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli) / 1e9, hours);
        }
    }

    private void Add((RegionId, SkuId?) key, double amount, (int From, int Until) hours)
    {
        if (!changes.TryGetValue(key, out var steps)) changes.Add(key, steps = new double[Hours]);
        inUse[key] = inUse.GetValueOrDefault(key) + amount;
        steps[Math.Clamp(hours.From, 0, Hours - 1)] += amount;
        if (hours.Until < Hours) steps[Math.Max(hours.Until, 0)] -= amount;
    }

    private sealed record Pod(int CpuMilli, int MemoryMib, int Gpus, int GpuMilli, int FromHour, int UntilHour)
    {
        public static Pod Of(string line)
        {
            var fields = line.Split(',');
            int Number(int at) =>
                fields[at].Length == 0 ? 0 : (int)double.Parse(fields[at], CultureInfo.InvariantCulture);
            return new(Number(1), Number(2), Number(3), Number(3) * Number(4), Number(8) / 3600, Number(9) / 3600);
        }

        public PlacementRequest Request(int index)
        {
            // A fixed spread that has nothing to do with the pod, so that every kind gets large and small ones.
            var kind = kinds.First(kind => index * 37 % 100 < kind.UpTo);
            return new PlacementRequest
            {
                Tenant = new($"tenant-{index % 12:00}"), Workload = $"pod-{index:0000}", Kind = WorkloadKind.Batch,
                DataClass = new(kind.DataClass),
                Residency = kind.Residency.Select(id => new JurisdictionId(id)).ToSeq(),
                Units = 1, Priority = index % 5 * 100,
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
