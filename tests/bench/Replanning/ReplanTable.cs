using System.Globalization;
using ControlPlane.Capacity;

namespace ControlPlane.Bench.Replanning;

/// <summary>
/// Measures how fast and how well displaced workloads find new places: the flow with rounding beside greedy and regret,
/// on the same problem in the same run.
/// </summary>
internal static class ReplanTable
{
    private static readonly ReplanCase small = new(20_000, 30, 20, 4, 0.95);

    private static readonly ReplanCase[] cases =
    [
        new(200_000, 100, 60, 4, 0.8),
        new(200_000, 100, 60, 4, 1.2),
        new(200_000, 100, 200, 8, 1.2),
        small,
        new(1_000_000, 100, 200, 8, 1.2),
    ];

    public static BenchTable Make(BenchOptions options)
    {
        var table = new BenchTable("replan", "New places for displaced workloads, processor time of one thread",
            ["workloads", "classes", "arcs", "load", "way", "time", "served %", "gap to LP %", "cost each",
                "to greedy"]);
        var seed = options.Seeds.Count > 0 ? options.Seeds[0] : 1;
        foreach (var size in options.Quick ? [small] : cases) Measure(table, size, (seed, options.Quick ? 2 : 10));
        table.Notes.Add(
            $"seed {seed}; the bound is the optimum of the flow in which workloads may be split, which no plan beats");
        table.Notes.Add("cost: price of an accelerator plus distance from home times how much data a class comes with");
        table.Notes.Add("gap: accelerators that the bound serves and the plan does not; cost each: mean of what is "
            + "served");
        return table;
    }

    private static void Measure(BenchTable table, ReplanCase size, (int Seed, int Slices) run)
    {
        var problem = size.Make(run.Seed);
        var (asked, arcs) = ReplanCase.SizeOf(problem);
        var flow = Replan.Solve(problem);
        var greedy = Replan.Greedy(problem);
        var regret = RegretPlan.Of(problem);
        if (flow.Served > flow.BoundServed)
            table.Wrong.Add($"{size}: the plan serves {flow.Served}, the bound only {flow.BoundServed}");
        var slices = size.Workloads > 500_000 ? Math.Min(3, run.Slices) : run.Slices;
        var (ours, plain) = Slices.Measure(
            slices, (_ => Replan.Solve(problem), 1), (_ => Replan.Greedy(problem), 1));
        var better = Slices.Measure(slices, _ => RegretPlan.Of(problem), 1);
        var greedyEach = (double)greedy.Cost / greedy.Served;
        Row("flow", ours, flow.Served, flow.Cost);
        Row("regret", better, regret.Served, regret.Cost);
        Row("greedy", plain, greedy.Served, greedy.Cost);
        var loads = flow.Loads();
        if (loads.Where((load, target) => load > problem.Rooms[target]).Any())
            table.Wrong.Add($"{size}: a target has more than its room");

        void Row(string way, Sample time, long served, long cost)
        {
            var each = (double)cost / served;
            table.Add(
                $"{size.Workloads}", $"{problem.Classes.Count}", $"{arcs}", Text(size.Load, "0.##"), way,
                $"{time}", Text(100.0 * served / asked, "0.00"),
                Text(100.0 * (flow.BoundServed - served) / flow.BoundServed, "0.000"), Text(each, "0.0"),
                Text(100 * ((each / greedyEach) - 1), "+0.0;-0.0;0") + " %");
        }
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
