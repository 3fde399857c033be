using ControlPlane.Capacity;

namespace ControlPlane.Bench.Replanning;

/// <summary>
/// A made-up fleet after the loss of places for so many workloads: regions on a plane with a price each, models of
/// which a workload accepts its own and the next better, and laws that each open some regions.
/// </summary>
internal sealed record ReplanCase(int Workloads, int Regions, int Laws, int Priorities, double Load)
{
    private const int Models = 8;

    private static readonly (int Size, int PerCent)[] sizes =
        [(1, 18), (2, 15), (4, 15), (8, 25), (16, 12), (32, 8), (64, 7)];

    /// <summary>Cost of a step away from home, by how much data the work comes with.</summary>
    private static readonly double[] gravities = [0.1, 0.2, 0.5, 1, 3];

    /// <summary>Workloads, classes of them, arcs, and the accelerators that are asked for.</summary>
    public static (long Asked, int Arcs) SizeOf(ReplanProblem problem) =>
        (problem.Classes.Sum(item => item.Demand), problem.Classes.Sum(item => item.Arcs.Count));

    public ReplanProblem Make(int seed)
    {
        var random = new Random(seed);
        var places = Enumerable.Range(0, Regions)
            .Select(_ => (X: random.Next(400), Y: random.Next(400), Price: 40 + random.Next(160))).ToArray();
        var open = Enumerable.Range(0, Laws).Select(_ => OpenRegions(random)).ToArray();
        var classes = new SortedDictionary<(int Law, int Model, int Priority), List<long>>();
        for (var workload = 0; workload < Workloads; workload++)
        {
            // Squared, so that some laws bind far more than others.
            var law = (int)(Laws * random.NextDouble() * random.NextDouble());
            var key = (law, random.Next(Models), random.Next(Priorities));
            if (!classes.TryGetValue(key, out var members)) classes.Add(key, members = []);
            members.Add(SizeOf(random.Next(100)));
        }

        var problem = new ReplanProblem();
        foreach (var room in Rooms(random, classes.Values.Sum(members => members.Sum()))) problem.AddTarget(room);
        foreach (var ((law, model, priority), members) in classes)
        {
            var arcs = new List<ReplanArc>();
            var home = places[open[law][random.Next(open[law].Length)]];
            // Some work comes with much data and must stay near it, most comes with little.
            var gravity = gravities[random.Next(gravities.Length)];
            foreach (var region in open[law])
            {
                var (x, y, price) = places[region];
                var away = (long)(gravity * Math.Sqrt(Square(x - home.X) + Square(y - home.Y)));
                arcs.Add(new((region * Models) + model, price + away));
                // The next better model does the work too and costs a third more.
                if (model + 1 < Models) arcs.Add(new((region * Models) + model + 1, (price * 4 / 3) + away));
            }

            problem.AddClass(priority, members, arcs);
        }

        return problem;
    }

    private int[] OpenRegions(Random random)
    {
        var all = Enumerable.Range(0, Regions).ToArray();
        random.Shuffle(all);
        var count = Math.Clamp((Regions / 10) + random.Next(Regions * 2 / 5), 1, Regions);
        return [.. all.Take(count).Order()];
    }

    private long[] Rooms(Random random, long asked)
    {
        var weights = Enumerable.Range(0, Regions * Models).Select(_ => 0.3 + random.NextDouble()).ToArray();
        var all = weights.Sum();
        return [.. weights.Select(weight => (long)(asked / Load * weight / all))];
    }

    private static long SizeOf(int dice)
    {
        foreach (var (size, perCent) in sizes)
        {
            if ((dice -= perCent) < 0) return size;
        }

        throw new InvalidOperationException("shares of sizes do not add up to 100");
    }

    private static double Square(int length) => (double)length * length;
}
