using ControlPlane.Capacity;
using ControlPlane.Server.Database;
using ControlPlane.Server.Ledger;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Capacity;

/// <summary>Says once a day which losses were not played through lately.</summary>
internal sealed class DrillReconciler(
    DrillStore drills, DecisionLoop loop, TimeProvider time, ILogger<DrillReconciler> log)
{
    private const int MostNamed = 5;

    private static readonly TimeSpan pause = TimeSpan.FromHours(24);

    // A server that is started anew every day has to say it too.
    private static readonly TimeSpan first = TimeSpan.FromMinutes(5);

    /// <summary>Looks once a day, first a few minutes after the start, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(first, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                timer.Period = pause;
                try
                {
                    var stale = await StaleAsync(cancellation);
                    if (stale.Count > 0)
                        LogStale(log, stale.Count, DrillOperations.UsualAgeDays, string.Join(", ", stale
                            .Take(MostNamed)));
                }
                catch (Exception lost) when (DatabaseLost.Is(lost) || lost is IOException)
                {
                    // Nobody is waiting for it; tomorrow is soon enough.
                    LogNotLooked(log, lost.Message);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }

    private async Task<List<string>> StaleAsync(CancellationToken cancellation)
    {
        var newest = await drills.NewestAsync(cancellation);
        var oldest = time.GetUtcNow().UtcDateTime.AddDays(-DrillOperations.UsualAgeDays);
        return [.. Scenario.Usual(loop.Fleet).Select(scenario => scenario.Name)
            .Where(name => newest.Find(row => row.Scenario == name) is not { } row || row.RanAt < oldest)
            .Order(StringComparer.Ordinal)];
    }
}
