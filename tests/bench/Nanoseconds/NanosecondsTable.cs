using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace ControlPlane.Bench.Nanoseconds;

/// <summary>
/// Has BenchmarkDotNet time what takes less than some microseconds, and count what it allocates: the walk over pools,
/// whole decisions, refusals, and the choice of a node.
/// </summary>
internal static class NanosecondsTable
{
    /// <summary>
    /// The least object takes three times as many. Fewer for each operation come from other threads of the process,
    /// which the runtime counts with it: connections of tables that were made before have timers.
    /// </summary>
    private const long LeastBytes = 8;

    /// <summary>Whether small worlds will do; for continuous integration.</summary>
    public static bool IsQuick { get; private set; }

    public static BenchTable Make(BenchOptions options)
    {
        var table = new BenchTable("nanoseconds", "Timed by BenchmarkDotNet: wall time and bytes of one operation",
            ["what", "on", "mean", "error", "median", "bytes allocated"]);
        IsQuick = options.Quick;
        foreach (var type in (Type[])[typeof(PoolNanoseconds), typeof(NodeNanoseconds)])
        {
            var summary = BenchmarkRunner.Run(type, Config(options.Quick));
            foreach (var report in summary.Reports) Add(table, report);
            foreach (var problem in summary.ValidationErrors.Where(problem => problem.IsCritical))
                table.Wrong.Add(problem.Message);
        }

        table.Notes.Add("eight bytes or more are a wrong result, but for Decide, which makes an answer");
        table.Notes.Add("wall time in this process: on a busy machine it is too long, other than in the other tables");
        return table;
    }

    private static ManualConfig Config(bool quick) => ManualConfig.CreateEmpty()
        .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(quick ? 1 : 3).WithIterationCount(quick ? 3 : 12)
            .WithIterationTime(TimeInterval.FromMilliseconds(quick ? 20 : 200)))
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddLogger(NullLogger.Instance)
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .WithOptions(ConfigOptions.DisableLogFile | ConfigOptions.DisableOptimizationsValidator)
        .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "cplane-nanoseconds"));

    private static void Add(BenchTable table, BenchmarkReport report)
    {
        var of = report.BenchmarkCase;
        var what = of.Descriptor.WorkloadMethodDisplayInfo.Trim('\'');
        var on = string.Join(", ", of.Parameters.Items.Select(item => $"{item.Value}"));
        if (report.ResultStatistics is not { } times)
        {
            table.Wrong.Add($"{what}, {on}: was not measured");
            return;
        }

        var bytes = report.GcStats.GetBytesAllocatedPerOperation(of) ?? 0;
        if (bytes >= LeastBytes && !what.StartsWith("Decide", StringComparison.Ordinal))
            table.Wrong.Add($"{what}, {on}: allocates {bytes} bytes");
        table.Add(what, int.TryParse(on, out var nodes) ? $"{nodes} nodes" : on, Text(times.Mean),
            $"{Text(times.StandardError)}", Text(times.Median),
            bytes.ToString(CultureInfo.InvariantCulture));
    }

    private static string Text(double nanoseconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:f1} ns");
}
