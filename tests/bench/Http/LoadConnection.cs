using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Unicode;

namespace ControlPlane.Bench.Http;

/// <summary>
/// One HTTP/1.1 connection that costs little beside the server it measures: no headers are parsed but the few it needs.
/// </summary>
internal sealed class LoadConnection : IDisposable
{
    private const int MostHeadBytes = 512;
    private const int MostAnswerBytes = 16 * 1024 * 1024;

    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] authorization;
    private byte[] buffer = new byte[64 * 1024];

    /// <summary>Body of the last answer.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    private LoadConnection(string token) =>
        authorization = Encoding.ASCII.GetBytes($"Authorization: Bearer {token}\r\n");

    /// <param name="server">Its address, with the token as user.</param>
    public static async Task<LoadConnection> OpenAsync(Uri server)
    {
        var connection = new LoadConnection(server.UserInfo);
        await connection.socket.ConnectAsync(IPAddress.Parse(server.Host), server.Port);
        return connection;
    }

    /// <summary>The bytes of a POST.</summary>
    public static byte[] Post(string path, string key, ReadOnlySpan<byte> body)
    {
        Span<byte> head = stackalloc byte[MostHeadBytes];
        if (!Utf8.TryWrite(
            head, CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
                + $"Idempotency-Key: {key}\r\nContent-Length: {body.Length}\r\n\r\n",
            out var length))
        {
            throw new InvalidOperationException("the head of a request is longer than was thought");
        }

        return [.. head[..length], .. body];
    }

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <returns>The status.</returns>
    public async Task<int> SendAsync(ReadOnlyMemory<byte> request)
    {
        await SendWholeAsync(request);
        var (filled, head) = (0, -1);
        while (head < 0)
        {
            filled += await ReceiveAsync(filled);
            head = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
        }

        var start = head + 4;
        var status = int.Parse(buffer.AsSpan(9, 3), CultureInfo.InvariantCulture);
        if (LengthOf(buffer.AsSpan(0, start)) is { } length)
        {
            while (filled < start + length) filled += await ReceiveAsync(filled);
            Body = buffer.AsMemory(start, length);
            return status;
        }

        // No length is stated, so the answer comes in chunks, of which the last is empty.
        while (!buffer.AsSpan(start, filled - start).EndsWith("\r\n0\r\n\r\n"u8)) filled += await ReceiveAsync(filled);
        Body = buffer.AsMemory(start, filled - start);
        return status;
    }

    public void Dispose() => socket.Dispose();

    /// <summary>The token goes in behind the request line: requests are made once, for no connection.</summary>
    private async Task SendWholeAsync(ReadOnlyMemory<byte> request)
    {
        var behindLine = request.Span.IndexOf("\r\n"u8) + 2;
        ReadOnlyMemory<byte> whole = (byte[])
            [.. request.Span[..behindLine], .. authorization, .. request.Span[behindLine..]];
        for (var sent = 0; sent < whole.Length;) sent += await socket.SendAsync(whole[sent..]);
    }

    private async Task<int> ReceiveAsync(int filled)
    {
        if (filled == buffer.Length)
        {
            if (filled >= MostAnswerBytes)
                throw new InvalidOperationException($"an answer is over {MostAnswerBytes} bytes");
            Array.Resize(ref buffer, buffer.Length * 2);
        }

        var received = await socket.ReceiveAsync(buffer.AsMemory(filled));
        return received > 0 ? received : throw new IOException("the server closed the connection");
    }

    private static int? LengthOf(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("HTTP/1.1 204"u8)) return 0;
        var at = head.IndexOf("Content-Length: "u8);
        if (at < 0) return null;
        var digits = head[(at + 16)..];
        return int.Parse(digits[..digits.IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
    }
}
