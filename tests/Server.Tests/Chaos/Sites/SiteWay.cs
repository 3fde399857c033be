using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Server.Tests.Chaos.Sites;

/// <summary>
/// The way of one site's agent to the server: it passes bytes on to whichever server is the one now, and may lose
/// answers after they took effect.
/// </summary>
internal sealed class SiteWay : IAsyncDisposable
{
    private readonly TcpListener listener;
    private readonly Func<int> serverPort;
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;
    private int answers;

    public SiteWay(string address, Func<int> serverPort)
    {
        this.serverPort = serverPort;
        listener = new(IPAddress.Parse(address), 0);
        listener.Start();
        accepting = AcceptAsync();
    }

    public Uri Url => new($"http://{listener.LocalEndpoint}/");

    /// <summary>One in so many answers is lost; 0 for none.</summary>
    public int LosesOneIn { get; set; }

    /// <summary>Answers that came by.</summary>
    public int Answers => Volatile.Read(ref answers);

    public int Lost { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = PassAsync(await listener.AcceptTcpClientAsync(stop.Token));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException)
        {
        }
    }

    private async Task PassAsync(TcpClient agent)
    {
        using (agent)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, serverPort(), stop.Token);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
                var there = agent.GetStream().CopyToAsync(server.GetStream(), either.Token);
                var back = AnswerAsync(server.GetStream(), agent.GetStream(), either.Token);
                await Task.WhenAny(there, back);
                await either.CancelAsync();
                await Task.WhenAll(there, back);
            }
            catch (Exception cut) when (cut is SocketException or IOException or OperationCanceledException)
            {
                // Whoever speaks next meets a closed connection, as when a machine is gone.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream server, NetworkStream agent, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        while (await server.ReadAsync(buffer, cancellation) is > 0 and var count)
        {
            var number = Interlocked.Increment(ref answers);
            if (LosesOneIn > 0 && number % LosesOneIn == 0)
            {
                Lost++;
                return;
            }

            await agent.WriteAsync(buffer.AsMemory(0, count), cancellation);
        }
    }
}
