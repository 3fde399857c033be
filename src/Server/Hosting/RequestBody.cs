namespace ControlPlane.Server.Hosting;

/// <summary>Reads JSON bodies up to a limit, and the Idempotency-Key that goes with them.</summary>
internal static class RequestBody
{
    public const int MostBytes = 64 * 1024;
    public const int MostBatchBytes = 4 * 1024 * 1024;
    private const int LongestKey = 255;

    /// <summary>The bytes of the body, or the one problem with it.</summary>
    public static async Task<(byte[] Bytes, Problem? Problem)> ReadAsync(HttpRequest request, int limit, CancellationToken cancellation)
    {
        if (request.ContentLength is null or > 0 && request.HasJsonContentType() is false)
            return ([], ProblemCatalog.MediaType.At("Content-Type", $"must be application/json, is '{request.ContentType}'"));
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, cancellation)) > 0)
        {
            if (buffer.Length + read > limit)
                return ([], ProblemCatalog.BodyTooLarge.At("", $"is over the limit of {limit} bytes"));
            buffer.Write(chunk, 0, read);
        }

        return buffer.Length == 0 ? ([], ProblemCatalog.BodyMissing.At("", "a JSON body is required")) : (buffer.ToArray(), null);
    }

    /// <summary>The client's key, or what is wrong with it.</summary>
    public static (string Key, Problem? Problem) KeyOf(HttpRequest request)
    {
        const string Header = "Idempotency-Key";
        var values = request.Headers[Header];
        if (values.Count == 0) return ("", ProblemCatalog.IdempotencyKeyMissing.At(Header, "is required"));
        var key = values[0] ?? "";
        if (values.Count == 1 && key.Length is > 0 and <= LongestKey && key.All(letter => letter is > ' ' and < '\u007f')) return (key, null);
        return ("", ProblemCatalog.IdempotencyKeyFormat.At(Header, $"must be given once, 1 to {LongestKey} visible ASCII characters"));
    }
}
