using ControlPlane.Capacity;
using ControlPlane.Server.Database;
using ControlPlane.Server.Ledger;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Capacity;

/// <summary>
/// Writes what is in use at every full hour, and thins out what is long past. Hours in which no server ran are those of
/// the state that was left, since nothing changes while none does. Several servers may write; the first counts.
/// </summary>
internal sealed class UsageReconciler(
    UsageStore usage, LedgerStore ledger, TimeProvider time, ILogger<UsageReconciler> log)
{
    /// <summary>Hours that are filled in at most after a long stop.</summary>
    private const int MostHoursBack = 31 * 24;

    private static readonly TimeSpan pause = TimeSpan.FromMinutes(1);

    /// <summary>Looks every minute whether an hour is due, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(pause, time);
        try
        {
            do
            {
                try
                {
                    await WriteDueAsync(cancellation);
                }
                catch (Exception lost) when (DatabaseLost.Is(lost) || lost is IOException)
                {
                    // The hour stays due; the next look fills it in.
                    LogUsageNotWritten(log, lost.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }

    /// <summary>Writes the hours that are due; returns how many.</summary>
    public async Task<int> WriteDueAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var newest = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);
        var last = await usage.LastSampleAsync(cancellation);
        if (last >= newest) return 0;
        var first = last is { } known ? known.AddHours(1) : newest;
        if (newest - first > TimeSpan.FromHours(MostHoursBack)) first = newest.AddHours(-MostHoursBack);
        var state = await ledger.LoadAsync(cancellation);
        var hours = 0;
        for (var hour = first; hour <= newest; hour = hour.AddHours(1), hours++)
            await usage.AddAsync(UsageRows.Of(state.World, hour), cancellation);
        await usage.ThinAsync(now, cancellation);
        return hours;
    }
}
