using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Server.Tests.Cells;

/// <summary>Passes TCP connections on and keeps every byte of both directions.</summary>
internal sealed class RecordingProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentQueue<byte[]> outward = new();
    private readonly ConcurrentQueue<byte[]> inward = new();
    private readonly ConcurrentBag<Task> connections = [];
    private readonly Task running;

    public RecordingProxy(int target)
    {
        Target = target;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        running = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Port that new connections are passed on to.</summary>
    public int Target { get; set; }

    /// <summary>Everything that was sent to the target so far, in order.</summary>
    public byte[] Outward => [.. outward.SelectMany(part => part)];

    /// <summary>Everything that came back.</summary>
    public byte[] Inward => [.. inward.SelectMany(part => part)];

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await running;
        await Task.WhenAll(connections);
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) connections.Add(PassAsync(await listener.AcceptTcpClientAsync(stopping.Token)));
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // It was stopped.
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var one = client;
        using var other = new TcpClient();
        try
        {
            await other.ConnectAsync(IPAddress.Loopback, Target, stopping.Token);
            await Task.WhenAny(CopyAsync(one, other, outward), CopyAsync(other, one, inward));
        }
        catch (Exception cut) when (cut is IOException or SocketException or OperationCanceledException)
        {
            // What is cut on one side is cut on the other, too.
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, ConcurrentQueue<byte[]> record)
    {
        var part = new byte[65_536];
        try
        {
            while (await from.GetStream().ReadAsync(part, stopping.Token) is > 0 and var read)
            {
                record.Enqueue(part[..read]);
                await to.GetStream().WriteAsync(part.AsMemory(0, read), stopping.Token);
            }
        }
        catch (Exception cut) when (cut is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // As above.
        }
    }
}
