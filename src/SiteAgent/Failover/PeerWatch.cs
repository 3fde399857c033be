using System.Collections.Concurrent;
using ControlPlane.Failover;
using ControlPlane.SiteAgent.Drivers;

namespace ControlPlane.SiteAgent.Failover;

/// <summary>Another site that can be reached from here, or not.</summary>
/// <param name="Site">The other site.</param>
/// <param name="ReachAsync">Reaches it, or throws.</param>
internal sealed record Peer(SiteId Site, Func<CancellationToken, Task> ReachAsync);

/// <summary>Tries again and again whether other sites can be reached from here, and tells what came of it.</summary>
internal sealed class PeerWatch(Seq<Peer> peers, TimeProvider clock)
{
    /// <summary>How sure a success makes; a failure may as well be one of the way from here.</summary>
    private const int SureOfSuccess = 90;
    private const int SureOfFailure = 60;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<SiteId, (string? Trouble, long At)> seen = [];

    public static PeerWatch None { get; } = new([], TimeProvider.System);

    public async Task RunAsync(CancellationToken cancellation)
    {
        if (peers.Count == 0) return;
        while (true)
        {
            await Task.WhenAll(peers.Select(peer => TryAsync(peer, cancellation)));
            await Task.Delay(Every, clock, cancellation);
        }
    }

    /// <summary>One statement on each site that was tried; with its age.</summary>
    public IEnumerable<HealthSignal> Signals() =>
        from item in seen.ToArray().OrderBy(item => item.Key)
        let trouble = item.Value.Trouble
        select new HealthSignal
        {
            Site = item.Key,
            Source = SignalSource.Peer,
            Healthy = trouble is null,
            ConfidencePercent = trouble is null ? SureOfSuccess : SureOfFailure,
            AgeMilliseconds = (long)clock.GetElapsedTime(item.Value.At).TotalMilliseconds,
            Detail = trouble,
        };

    private async Task TryAsync(Peer peer, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Within, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        string? trouble = null;
        try
        {
            await peer.ReachAsync(either.Token);
        }
        catch (Exception failure) when (failure is HttpRequestException or SiteUnreachableException)
        {
            trouble = failure.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            trouble = $"no answer within {Within.TotalSeconds:0} s";
        }

        seen[peer.Site] = (trouble, clock.GetTimestamp());
    }
}
