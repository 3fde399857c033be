using ControlPlane.SiteAgent.Drivers;
using ControlPlane.SiteAgent.Hosting;

namespace ControlPlane.SiteAgent.Failover;

/// <summary>Reaches for addresses of other sites over HTTP, trusting what the agent trusts.</summary>
internal sealed class PeerWay : IDisposable
{
    private readonly HttpClient client;

    public PeerWay(string? caFile)
    {
        var handler = Trust.Handler(caFile);
        // Where an answer sends us is another place, that says nothing of the site.
        handler.AllowAutoRedirect = false;
        client = new HttpClient(handler);
    }

    public void Dispose() => client.Dispose();

    /// <summary>Whatever answers is there, also when it lets nobody in; throws when nothing does.</summary>
    public async Task ReachAsync(Uri address, CancellationToken cancellation)
    {
        using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if ((int)answer.StatusCode >= 500) throw new SiteUnreachableException($"it answers {(int)answer.StatusCode}");
    }
}
