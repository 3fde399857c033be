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
        var (bytes, problem) = await ReadAsync(request, mostBytes, static bytes => bytes.ToArray(), cancellation);
        return (bytes ?? [], problem);
    }

    /// <summary>What is read from the bytes of the body where they came in, or what is wrong with it.</summary>
    public static async Task<(T? Read, ProblemAnswer? Problem)> ReadAsync<T>(
        HttpRequest request, int mostBytes, Func<ReadOnlySpan<byte>, T> read, CancellationToken cancellation)
    {
        var type = request.ContentType;
        if (type is not null && !IsJson(type)) return (default, WrongType(type));
        if (request.ContentLength > mostBytes) return (default, TooLarge(mostBytes));
        var (whole, problem) = TryWhole(request.BodyReader, mostBytes) is { } there
            ? (there, null)
            : await WholeAsync(request.BodyReader, mostBytes, cancellation);
        if (problem is not null) return (default, problem);
        var isUntyped = type is null && !whole.IsEmpty;
        var result = isUntyped ? default : Read(whole, read);
        request.BodyReader.AdvanceTo(whole.End);
        return isUntyped ? (default, WrongType("not given")) : (result, null);
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
    private static ReadOnlySequence<byte>? TryWhole(PipeReader reader, int mostBytes)
    {
        if (!reader.TryRead(out var read)) return null;
        if (read.IsCompleted && read.Buffer.Length <= mostBytes) return read.Buffer;
        reader.AdvanceTo(read.Buffer.Start, read.IsCompleted ? read.Buffer.Start : read.Buffer.End);
        return null;
    }

    /// <summary>All bytes, still where they came in, or what is wrong with them.</summary>
    private static async Task<(ReadOnlySequence<byte> Whole, ProblemAnswer? Problem)> WholeAsync(
        PipeReader reader, int mostBytes, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeLimit);
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(deadline.Token);
                if (read.Buffer.Length > mostBytes)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return (default, TooLarge(mostBytes));
                }

                if (read.IsCompleted) return (read.Buffer, null);
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (default, new ProblemAnswer(
                [ProblemCatalog.TooSlow.At("", $"the body did not come within {TimeLimit.TotalSeconds:0} s")])
            {
                Closes = true,
            });
        }
    }

    /// <summary>Large bodies come in pieces; they are put together in memory that is used again.</summary>
    private static T Read<T>(ReadOnlySequence<byte> whole, Func<ReadOnlySpan<byte>, T> read)
    {
        if (whole.IsSingleSegment) return read(whole.FirstSpan);
        var length = (int)whole.Length; // bounded by the limit of the operation
        var together = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            whole.CopyTo(together);
            return read(together.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(together);
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
