using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace ControlPlane.Server.Hosting;

/// <summary>
/// Gives a body to the answers that Kestrel sends without one, to requests that are so malformed that no endpoint sees
/// them. Such an answer is the last one of its connection.
/// </summary>
internal static class BareAnswers
{
    public static ConnectionDelegate Fill(ConnectionDelegate next) => connection =>
    {
        connection.Transport = new Filled(connection.Transport.Input, new FillingWriter(connection.Transport.Output));
        return next(connection);
    };

    /// <summary>The whole answer for a bare one; null when it is not bare.</summary>
    public static byte[]? WholeAnswer(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 4"u8) || !head.EndsWith("\r\n\r\n"u8)) return null;
        if (head.IndexOf("\r\nContent-Length: 0\r\n"u8) < 0) return null;
        if (head.IndexOf("\r\nConnection: close\r\n"u8) < 0) return null;
        var lines = Encoding.ASCII.GetString(head);
        var status = int.Parse(lines.AsSpan("HTTP/1.1 ".Length, 3), System.Globalization.CultureInfo.InvariantCulture);
        var body = ProblemAnswer.Bytes([StatusProblem.Of(status)], traceId: null);
        var whole = lines.Replace(
            "\r\nContent-Length: 0\r\n",
            $"\r\nContent-Length: {body.Length}\r\nContent-Type: {ProblemAnswer.MediaType}"
                + "\r\nCache-Control: no-store\r\n",
            StringComparison.Ordinal);
        return [.. Encoding.ASCII.GetBytes(whole), .. body];
    }

    private sealed record Filled(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Passes everything on, except a bare answer, which Kestrel writes in one piece.</summary>
    private sealed class FillingWriter(PipeWriter inner) : PipeWriter
    {
        private Memory<byte> given;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => given = inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
            var whole = WholeAnswer(given.Span[..bytes]);
            given = given[bytes..];
            if (whole is null)
            {
                inner.Advance(bytes);
                return;
            }

            // What was written is not advanced over and so never sent.
            whole.CopyTo(inner.GetSpan(whole.Length));
            inner.Advance(whole.Length);
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }
}
