using ControlPlane.Regions;
using ControlPlane.Server.Database;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Ledger;

/// <summary>Does once what <c>--projections</c> asks for, in place of serving.</summary>
internal static class ProjectionCommand
{
    /// <summary>The exit code.</summary>
    public static async Task<int> RunAsync(
        ProjectionWork work, PostgresDatabase database, CancellationToken cancellation)
    {
        var rebuild = new ProjectionRebuild(database, new LedgerStore(database, new FleetReader()));
        return work == ProjectionWork.Rebuild
            ? await RebuildAsync(rebuild, cancellation)
            : await VerifyAsync(rebuild, cancellation);
    }

    private static async Task<int> VerifyAsync(ProjectionRebuild rebuild, CancellationToken cancellation)
    {
        var finding = await rebuild.VerifyAsync(cancellation);
        foreach (var difference in finding.Differences)
            Console.WriteLine($"{difference.Table}: {difference.What}: {difference.Row}");
        Console.WriteLine(finding.Differences.Count == 0
            ? $"the tables are what the ledger gives up to record {finding.Position}"
            : $"the tables differ from what the ledger gives up to record {finding.Position}; --projections rebuild "
                + "writes them anew");
        return finding.Differences.Count == 0 ? ExitCode.Stopped : ExitCode.No;
    }

    private static async Task<int> RebuildAsync(ProjectionRebuild rebuild, CancellationToken cancellation)
    {
        var (answer, position) = await rebuild.RebuildAsync(cancellation);
        if (answer is not Committed)
            throw new StartRefusedException(ExitCode.Unreachable, $"the tables were not rebuilt: {answer}");
        Console.WriteLine($"the tables were written anew from {position} records");
        return ExitCode.Stopped;
    }
}
