using System.Globalization;
using ControlPlane.Capacity;
using ControlPlane.Traces;

namespace ControlPlane.Core.Tests.Capacity;

/// <summary>Reads the hourly use of accelerators and CPU out of the public GPU trace, by class of service.</summary>
internal static class TraceSeries
{
    /// <summary>The trace is nearly empty before its last weeks.</summary>
    private const int Hours = 24 * 45;

    public static IEnumerable<(string Name, UsageSeries Series)> All()
    {
        var pods = File.ReadLines(DataFolder.In("traces", "openb_pod_list_default.csv"))
            .Skip(1)
            .Select(Pod.Of)
            .ToList();
        var classes = pods.Select(pod => pod.Class).Distinct().Order(StringComparer.Ordinal).ToList();
        yield return ("accelerators", Of(pods, pod => pod.Accelerators));
        yield return ("cores", Of(pods, pod => pod.Cores));
        yield return ("pods", Of(pods, _ => 1));
        foreach (var name in classes.Where(name => pods.Count(pod => pod.Class == name) > 200))
        {
            var own = pods.FindAll(pod => pod.Class == name);
            yield return ($"accelerators {name}", Of(own, pod => pod.Accelerators));
            yield return ($"cores {name}", Of(own, pod => pod.Cores));
        }
    }

    private static UsageSeries Of(List<Pod> pods, Func<Pod, double> amount)
    {
        var end = pods.Max(pod => pod.Until) / 3600;
        var changes = new double[end + 2];
        foreach (var pod in pods)
        {
            changes[pod.From / 3600] += amount(pod);
            changes[pod.Until / 3600] -= amount(pod);
        }

        var (sum, values) = (0.0, new List<double>());
        foreach (var change in changes) values.Add(sum += change);
        // The last hours only see the trace end.
        values.RemoveRange(values.Count - 24, 24);
        return new UsageSeries(DateTimeOffset.UnixEpoch, TimeSpan.FromHours(1), values.TakeLast(Hours).ToSeq());
    }

    private sealed record Pod(string Class, double Accelerators, double Cores, int From, int Until)
    {
        public static Pod Of(string line)
        {
            var fields = line.Split(',');
            double Number(int index) =>
                fields[index].Length == 0 ? 0 : double.Parse(fields[index], CultureInfo.InvariantCulture);
            return new(fields[6], Number(3) * Number(4) / 1000, Number(1) / 1000, (int)Number(8), (int)Number(9));
        }
    }
}
