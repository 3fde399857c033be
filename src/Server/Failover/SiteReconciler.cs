using ControlPlane.Server.Ledger;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Failover;

/// <summary>
/// Asks for one round after the other while this server is the one that writes. That another does so too would be no
/// harm: a round lands behind the position it was decided on, and a loss only on a lease that was not renewed. While
/// another writes it only looks now and then, so that whoever follows events here hears of a mass silence as well.
/// </summary>
internal sealed class SiteReconciler(DecisionLoop loop, WriterLease lease, ILogger<SiteReconciler> log)
    : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    /// <summary>Ticks from one look of a server that does not judge to the next: six seconds.</summary>
    private const int TicksForLook = 12;

    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;
    private volatile SitesJudged? judged;

    /// <summary>What the last round, or the last look while another server judges, found; null before the first.
    /// </summary>
    public SitesJudged? Judged => judged;

    public void Begin() => running = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        string? blind = null;
        var ticks = 0;
        using var timer = new PeriodicTimer(Every);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token))
            {
                if (lease.Writer is not null)
                {
                    if (++ticks % TicksForLook == 0
                        && await loop.SubmitAsync(new AskMass(), stopping.Token) is MassSeen seen)
                        judged = new SitesJudged(seen.Mass);
                    continue;
                }

                if (await loop.SubmitAsync(new TakeRound(), stopping.Token) is not RoundTaken round) continue;
                judged = new SitesJudged(round.Mass);
                if (round.Blind == blind) continue;
                blind = round.Blind;
                if (blind is not null) LogBlind(log, blind);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }
}

/// <summary>How this server judges sites at the moment, or how it would.</summary>
/// <param name="Alert">That too many sites are silent at once, so that none is taken for lost and a person has to look;
/// null when they are not.</param>
internal sealed record SitesJudged(string? Alert);
