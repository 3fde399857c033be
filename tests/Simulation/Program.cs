using System.Diagnostics;
using System.Globalization;
using ControlPlane.Simulation;

// ControlPlane.Simulation [--seeds N] [--from S] [--defect NAME] [--trace]
int Number(string name, int otherwise)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
}

var at = Array.IndexOf(args, "--defect");
var defect = at >= 0 ? Enum.Parse<Defect>(args[at + 1]) : Defect.None;
var (from, seeds) = (Number("--from", 1), Number("--seeds", 1_000));
var watch = Stopwatch.StartNew();
var (faulty, events, starts, moves, injected) = (0, 0L, 0L, 0L, 0L);
var gate = new Lock();
Parallel.For(from, from + seeds, seed =>
{
    var result = SimRun.Of(seed, defect, args.Contains("--trace"));
    lock (gate)
    {
        if (result.Text.Length > 0) Console.WriteLine(result.Text);
        (events, starts) = (events + result.Events, starts + result.Starts);
        (moves, injected) = (moves + result.Moves, injected + result.Injected);
        if (result.Faults.Count == 0) return;
        faulty++;
        if (faulty <= 10) Console.WriteLine($"seed {seed}: {string.Join("; ", result.Faults.Take(3))}");
    }
});

var seconds = watch.Elapsed.TotalSeconds;
Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"{seeds} seeds from {from}, defect {defect}: {faulty} with faults; {events} events, {injected} faults injected, "
    + $"{starts} starts, {moves} moves; {seconds:0.0} s, {seeds / seconds:0} seeds/s"));
return faulty == 0 ? 0 : 1;
