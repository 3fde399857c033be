using System.Diagnostics;
using System.Globalization;

namespace ControlPlane.Simulation;

/// <summary>Counts what many seeds did; seeds come in from several threads.</summary>
internal sealed class SimTotal
{
    private readonly Lock gate = new();
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private long events, starts, moves, injected;

    /// <summary>Seeds after which a line is told.</summary>
    public int PartSeeds { get; } = 5_000;

    /// <summary>Seeds that broke a promise.</summary>
    public int Faulty { get; private set; }

    public void Add(int seed, SimResult result)
    {
        lock (gate)
        {
            if (result.Text.Length > 0) Console.WriteLine(result.Text);
            (events, starts) = (events + result.Events, starts + result.Starts);
            (moves, injected) = (moves + result.Moves, injected + result.Injected);
            if (result.Faults.Count == 0) return;
            Faulty++;
            if (Faulty <= 10) Console.WriteLine($"seed {seed}: {string.Join("; ", result.Faults.Take(3))}");
        }
    }

    /// <summary>What came out so far, in one line.</summary>
    public string Line(int seeds, int from, Defect defect)
    {
        var seconds = watch.Elapsed.TotalSeconds;
        return string.Create(CultureInfo.InvariantCulture,
            $"{seeds} seeds from {from}, defect {defect}: {Faulty} with faults; {events} events, {injected} faults "
            + $"injected, {starts} starts, {moves} moves; {seconds:0.0} s, {seeds / seconds:0} seeds/s");
    }
}
