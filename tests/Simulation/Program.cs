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
var total = new SimTotal();
// Told part by part, so that a long run that ends early still says how far it came.
for (var done = 0; done < seeds; done += total.PartSeeds)
{
    var part = Math.Min(total.PartSeeds, seeds - done);
    Parallel.For(
        from + done,
        from + done + part,
        // Without a limit the pool takes ever more threads on a busy machine, each with a world of its own.
        new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
        seed => total.Add(seed, SimRun.Of(seed, defect, args.Contains("--trace"))));
    Console.WriteLine(total.Line(done + part, from, defect));
}

return total.Faulty == 0 ? 0 : 1;
