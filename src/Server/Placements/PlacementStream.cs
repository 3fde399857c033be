using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;

namespace ControlPlane.Server.Placements;

/// <summary>
/// Decides a stream of requests, one a line, and answers each with a line while the rest is still coming. What is in
/// memory at once is bounded: a client that does not read its answers is not read from.
/// </summary>
internal sealed class PlacementStream(DecisionLoop loop, RequestDesk desk, AnswerJson json) : IResult
{
    public const int MostLines = 1_000_000;

    private const int LinesAtOnce = 1_000;
    private const int LinesPerFlush = 128;

    /// <summary>How long a stream may be silent.</summary>
    private static readonly TimeSpan silence = TimeSpan.FromSeconds(60);

    // Stands for a line that is too long to be looked at.
    private static readonly byte[] tooLong = [(byte)'{'];

    public static bool IsStream(HttpRequest request) =>
        request.ContentType is { } type
        && type.StartsWith(ApiOperation.LinesMediaType, StringComparison.OrdinalIgnoreCase)
        && MediaTypeHeaderValue.TryParse(type, out var parsed)
        && parsed.MediaType.Equals(ApiOperation.LinesMediaType, StringComparison.OrdinalIgnoreCase);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (key, problem) = RequestBody.KeyOf(httpContext.Request);
        if (problem is not null)
        {
            await new ProblemAnswer([problem]).ExecuteAsync(httpContext);
            return;
        }

        if (httpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        // A client may wait for answers before it goes on; how long is bounded below.
        if (httpContext.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
        httpContext.Response.ContentType = ApiOperation.LinesMediaType;
        try
        {
            await httpContext.Response.StartAsync(httpContext.RequestAborted);
            await RunAsync(httpContext, key);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The client has gone half-way; what was decided stays decided.
        }
    }

    private async Task RunAsync(HttpContext context, string key)
    {
        var input = context.Request.BodyReader;
        var lines = new List<byte[]>(LinesAtOnce);
        for (var (first, ended) = (0, false); !ended; first += lines.Count, lines.Clear())
        {
            if (await ReadAsync(input, context.RequestAborted) is not { } read)
            {
                await EndAsync(context, ProblemCatalog.TooSlow.At("", $"nothing came for {silence.TotalSeconds:0} s"));
                return;
            }

            var rest = read.Buffer;
            while (lines.Count < LinesAtOnce && TryTake(ref rest, read.IsCompleted) is { } line)
            {
                if (line.Length > 0) lines.Add(line);
            }

            ended = read.IsCompleted && rest.IsEmpty;
            input.AdvanceTo(rest.Start, lines.Count == LinesAtOnce ? rest.Start : rest.End);
            if (lines.Count > 0) await AnswerAsync(context, lines, (key, first));
            if (Wrong(lines.Count, first + lines.Count, rest.Length) is not { } wrong) continue;
            await EndAsync(context, wrong);
            return;
        }
    }

    /// <summary>What makes the rest of a stream unreadable.</summary>
    private static Problem? Wrong(int taken, int lines, long rest)
    {
        if (lines > MostLines) return ProblemCatalog.TooMany.At("", $"a stream has at most {MostLines} lines");
        return taken < LinesAtOnce && rest > RequestLimits.BodyBytes
            ? TooLong
            : null;
    }

    private static Problem TooLong =>
        ProblemCatalog.BodyTooLarge.At("", $"a line is over the limit of {RequestLimits.BodyBytes} bytes");

    /// <summary>The next whole line, empty ones too; null when there is none yet.</summary>
    private static byte[]? TryTake(ref ReadOnlySequence<byte> rest, bool isLast)
    {
        if (rest.PositionOf((byte)'\n') is { } end)
        {
            var line = rest.Slice(0, end);
            rest = rest.Slice(rest.GetPosition(1, end));
            return line.Length <= RequestLimits.BodyBytes + 1 ? Trimmed(line) : tooLong;
        }

        if (!isLast || rest.IsEmpty || rest.Length > RequestLimits.BodyBytes) return null;
        var last = Trimmed(rest);
        rest = rest.Slice(rest.End);
        return last;
    }

    private static byte[] Trimmed(ReadOnlySequence<byte> line)
    {
        var bytes = line.ToArray();
        return bytes is [.., (byte)'\r'] ? bytes[..^1] : bytes;
    }

    /// <summary>What has come; null when nothing came for too long.</summary>
    private static async Task<ReadResult?> ReadAsync(PipeReader input, CancellationToken aborted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        limit.CancelAfter(silence);
        try
        {
            return await input.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task AnswerAsync(HttpContext context, List<byte[]> lines, (string Key, int First) from)
    {
        var places = new List<Place>(lines.Count);
        var problems = new ProblemAnswer?[lines.Count];
        for (var at = 0; at < lines.Count; at++)
        {
            var (taken, problem) = ReferenceEquals(lines[at], tooLong) ? ([], new ProblemAnswer([TooLong]))
                : await desk.TakeLineAsync(
                    lines[at], $"{from.Key}/{from.First + at}", context.Caller(), context.RequestAborted);
            problems[at] = problem;
            places.AddRange(taken);
        }

        var answers = await loop.SubmitAsync(places, context.RequestAborted);
        var output = context.Response.BodyWriter;
        using var writer = AnswerJson.WriterTo(output);
        var next = 0;
        for (var at = 0; at < lines.Count; at++)
        {
            var answer = problems[at] is null ? answers[next] : null;
            if (answer is Decided decided) Write(writer, decided, (places[next].Explain, context.Caller()));
            else output.Write((problems[at] ?? AnswerResults.ProblemOf(answer!)).Bytes(context)); // one of the two
            if (answer is not null) next++;
            output.Write("\n"u8);
            if (at % LinesPerFlush == LinesPerFlush - 1) await output.FlushAsync(context.RequestAborted);
        }

        await output.FlushAsync(context.RequestAborted);
    }

    private void Write(Utf8JsonWriter writer, Decided decided, (bool Explain, Caller Caller) to)
    {
        json.Write(writer, decided, to);
        writer.Flush();
        writer.Reset();
    }

    /// <summary>The last line: why nothing of what is left is decided.</summary>
    private static async Task EndAsync(HttpContext context, Problem problem)
    {
        context.Response.BodyWriter.Write(new ProblemAnswer([problem]).Bytes(context));
        context.Response.BodyWriter.Write("\n"u8);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
