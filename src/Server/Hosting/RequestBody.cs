using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;

namespace ControlPlane.Server.Hosting;

/// <summary>Reads JSON bodies within limits of size and time, and the headers that go with a change.</summary>
internal static class RequestBody
{
    public const string KeyHeader = "Idempotency-Key";
    public const int LongestKey = 255;

    /// <summary>How long a body may take to come in.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    /// <summary>The bytes of the body, or what is wrong with it.</summary>
    public static async Task<(byte[] Bytes, ProblemAnswer? Problem)> ReadAsync(
        HttpRequest request, int mostBytes, CancellationToken cancellation)
    {
        var type = request.ContentType;
        if (type is not null && !IsJson(type)) return ([], WrongType(type));
        if (request.ContentLength > mostBytes) return ([], TooLarge(mostBytes));
        if (TryReadWhole(request.BodyReader, mostBytes) is { } whole)
            return type is null && whole.Length > 0 ? ([], WrongType("not given")) : (whole, null);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeLimit);
        try
        {
            var bytes = await ReadAsync(request.BodyReader, mostBytes, deadline.Token);
            if (bytes is null) return ([], TooLarge(mostBytes));
            return type is null && bytes.Length > 0 ? ([], WrongType("not given")) : (bytes, null);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ([], new ProblemAnswer(
                [ProblemCatalog.TooSlow.At("", $"the body did not come within {TimeLimit.TotalSeconds:0} s")])
            {
                Closes = true,
            });
        }
    }

    /// <summary>The members of the body, which must be an object, or what is wrong with it.</summary>
    public static async Task<(FieldReader? Fields, ProblemAnswer? Problem)> ReadFieldsAsync(
        HttpRequest request, int mostBytes, CancellationToken cancellation)
    {
        var (bytes, problem) = await ReadAsync(request, mostBytes, cancellation);
        if (problem is not null) return (null, problem);
        var fields = FieldReader.OfBody(bytes);
        return fields.IsValid ? (fields.Value, null) : (null, new ProblemAnswer(fields.Problems));
    }

    /// <summary>The client's key, or what is wrong with it.</summary>
    public static (string Key, Problem? Problem) KeyOf(HttpRequest request)
    {
        var values = request.Headers[KeyHeader];
        if (values.Count == 0) return ("", ProblemCatalog.IdempotencyKeyMissing.At(KeyHeader, "is required"));
        var key = values[0] ?? "";
        var isKey = values.Count == 1
            && key.Length is > 0 and <= LongestKey
            && key.All(letter => letter is > ' ' and < '\u007f');
        return isKey ? (key, null) : ("", ProblemCatalog.IdempotencyKeyFormat.At(
            KeyHeader, $"must be given once and be 1 to {LongestKey} visible ASCII characters"));
    }

    /// <summary>The epoch that If-Match names, null when any will do, or what is wrong with it.</summary>
    public static (long? Epoch, Problem? Problem) ExpectedEpoch(HttpRequest request)
    {
        var values = request.Headers.IfMatch;
        if (values.Count == 0) return (null, null);
        var tag = values[0] ?? "";
        if (values.Count == 1 && tag == "*") return (null, null);
        var isQuoted = values.Count == 1 && tag.Length > 2 && tag[0] == '"' && tag[^1] == '"';
        if (isQuoted && WrittenNumber.Whole(tag[1..^1]) is { } epoch) return (epoch, null);
        return (null, ProblemCatalog.HeaderFormat.At(
            HeaderNames.IfMatch, $"must be one epoch in quotes, such as \"1\", is {Shown.Text(tag)}"));
    }

    /// <summary>All bytes when they came in with the head, as those of small bodies do; else null.</summary>
    private static byte[]? TryReadWhole(PipeReader reader, int mostBytes)
    {
        if (!reader.TryRead(out var read)) return null;
        if (!read.IsCompleted || read.Buffer.Length > mostBytes)
        {
            reader.AdvanceTo(read.Buffer.Start, read.IsCompleted ? read.Buffer.Start : read.Buffer.End);
            return null;
        }

        var bytes = read.Buffer.ToArray();
        reader.AdvanceTo(read.Buffer.End);
        return bytes;
    }

    /// <summary>All bytes; null when there are more than allowed.</summary>
    private static async Task<byte[]?> ReadAsync(PipeReader reader, int mostBytes, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            if (read.Buffer.Length > mostBytes)
            {
                reader.AdvanceTo(read.Buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool IsJson(string contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    private static ProblemAnswer WrongType(string contentType) => new(
    [
        ProblemCatalog.MediaType.At(HeaderNames.ContentType, $"must be application/json, is {Shown.Text(contentType)}"),
    ]);

    // What is left of the body is not read, so the connection cannot be used again.
    private static ProblemAnswer TooLarge(int mostBytes) => new(
        [ProblemCatalog.BodyTooLarge.At("", $"the body is over the limit of {mostBytes} bytes")]) { Closes = true };
}
