using System.Globalization;

namespace ControlPlane.Bench;

/// <summary>
/// Measures two ways of doing the same work in turns, in processor time, so that neighbours disturb both alike.
/// </summary>
internal static class Slices
{
    private const double SliceNanoseconds = 30e6;

    /// <summary>Runs A B B A ... and gives the times of each for one repetition.</summary>
    /// <param name="slices">Slices of each.</param>
    /// <param name="one">The first way and how often it repeats the work in a slice.</param>
    /// <param name="other">The second.</param>
    public static (Sample One, Sample Other) Measure(
        int slices, (Action<int> Run, int Repeats) one, (Action<int> Run, int Repeats) other)
    {
        var (ones, others) = (new List<double>(), new List<double>());
        for (var slice = 0; slice < slices; slice++)
        {
            if (slice % 2 == 0) ones.Add(Nanoseconds(one));
            others.Add(Nanoseconds(other));
            if (slice % 2 == 1) ones.Add(Nanoseconds(one));
        }

        return (new Sample(ones), new Sample(others));
    }

    public static Sample Measure(int slices, Action<int> run, int repeats) =>
        new([.. Enumerable.Range(0, slices).Select(_ => Nanoseconds((run, repeats)))]);

    /// <summary>How often the work fits into the processor time of one slice, within bounds.</summary>
    public static int RepeatsOf(Action<int> run, (int Least, int Most) bounds)
    {
        run(bounds.Least);
        var each = Math.Max(1, Nanoseconds((run, bounds.Least)));
        return (int)Math.Clamp(SliceNanoseconds / each, bounds.Least, bounds.Most);
    }

    private static double Nanoseconds((Action<int> Run, int Repeats) work)
    {
        var before = Environment.CpuUsage.TotalTime;
        work.Run(work.Repeats);
        return (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / work.Repeats;
    }
}

/// <summary>Times of one way in nanoseconds.</summary>
internal sealed record Sample(IReadOnlyList<double> Nanoseconds)
{
    public double Median => Nanoseconds.Order().ElementAt(Nanoseconds.Count / 2);

    /// <summary>Median with the least and the most.</summary>
    public override string ToString() => $"{Text(Median)} ({Text(Nanoseconds.Min())} to {Text(Nanoseconds.Max())})";

    public static string Text(double nanoseconds) => nanoseconds switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e9:f2} s"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:f2} ms"),
        >= 1e4 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e3:f1} us"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:f0} ns"),
    };
}
