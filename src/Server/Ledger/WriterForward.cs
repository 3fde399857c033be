using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;
using Microsoft.Net.Http.Headers;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Sends writes on to the server that writes by preference and gives its answer back. When that server cannot be
/// reached, is silent or says 503, the write is done here: a request with a key or an id may safely arrive twice.
/// </summary>
internal sealed class WriterForward(RequestDelegate next, WriterLease lease, HttpMessageInvoker http)
{
    /// <summary>Marks a request that was sent on once; it is never sent on again.</summary>
    public const string ForwardedHeader = "Cplane-Forwarded";

    /// <summary>Tells which other server wrote.</summary>
    public const string WriterHeader = "Cplane-Writer";

    /// <summary>Requests that may be on their way to the writer; one more is done here.</summary>
    private const int MostUnderWay = 512;

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    // What is decided by the loop; everything else is the business of the server that was asked.
    private static readonly string[] Written = ["/v1/placements", "/v1/holds", "/v1/reservations"];

    // What a write may carry; everything else is between the client and this server.
    private static readonly string[] Sent =
        [
            HeaderNames.Authorization,
            BreakGlass.Header,
            HeaderNames.ContentType,
            RequestBody.KeyHeader,
            HeaderNames.IfMatch,
            HeaderNames.Accept,
            HeaderNames.TraceParent,
        ];

    private static readonly string[] Returned =
        [HeaderNames.ContentType, HeaderNames.Location, HeaderNames.RetryAfter, HeaderNames.ETag];

    private int underWay;

    public static HttpMessageInvoker CreateClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = ConnectLimit,
        MaxConnectionsPerServer = MostUnderWay,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
    });

    public async Task InvokeAsync(HttpContext context)
    {
        if (IsWrite(context.Request) && lease.Writer is { } writer)
        {
            try
            {
                if (Interlocked.Increment(ref underWay) <= MostUnderWay && await TryForwardAsync(context, writer))
                    return;
            }
            finally
            {
                Interlocked.Decrement(ref underWay);
            }
        }

        await next(context);
    }

    private static bool IsWrite(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        return (HttpMethods.IsPost(request.Method) || HttpMethods.IsDelete(request.Method))
            && Written.Any(written => path.StartsWith(written, StringComparison.Ordinal))
            && !path.EndsWith(":plan", StringComparison.Ordinal)
            && !request.Headers.ContainsKey(ForwardedHeader)
            // A stream has no end that could be waited for; any server may decide it.
            && !PlacementStream.IsStream(request);
    }

    /// <summary>False when the write has to be done here; its body can then be read once more.</summary>
    private async Task<bool> TryForwardAsync(HttpContext context, Uri writer)
    {
        var request = context.Request;
        var bytes = Array.Empty<byte>();
        if (request.ContentLength is null or > 0
            && request.Headers.TransferEncoding.Count + (request.ContentLength ?? 0) > 0)
        {
            var batch = request.Path.Value?.EndsWith(":batch", StringComparison.Ordinal) is true;
            var limit = batch ? RequestLimits.BatchBodyBytes : RequestLimits.BodyBytes;
            (bytes, var problem) = await RequestBody.ReadAsync(request, limit, context.RequestAborted);
            if (problem is not null)
            {
                await problem.ExecuteAsync(context);
                return true;
            }

            request.Body = new MemoryStream(bytes, writable: false);
        }

        using var limited = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limited.CancelAfter(AnswerLimit);
        try
        {
            using var message = MessageOf(request, bytes, writer);
            using var answer = await http.SendAsync(message, limited.Token);
            if (answer.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable) return false;
            var body = await answer.Content.ReadAsByteArrayAsync(limited.Token);
            await AnswerAsync(context, writer, (answer, body));
            return true;
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException
            || (lost is OperationCanceledException && !context.RequestAborted.IsCancellationRequested))
        {
            lease.DoesNotAnswer(writer, lost.Message);
            return false;
        }
    }

    private static HttpRequestMessage MessageOf(HttpRequest request, byte[] bytes, Uri writer)
    {
        var message = new HttpRequestMessage(
            new HttpMethod(request.Method), new Uri(writer, $"{request.Path}{request.QueryString}"));
        message.Headers.Add(ForwardedHeader, "1");
        if (bytes.Length > 0) message.Content = new ByteArrayContent(bytes);
        foreach (var name in Sent)
        {
            foreach (var value in request.Headers[name])
            {
                if (!message.Headers.TryAddWithoutValidation(name, value))
                    message.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return message;
    }

    private static async Task AnswerAsync(
        HttpContext context, Uri writer, (HttpResponseMessage Message, byte[] Body) answer)
    {
        var response = context.Response;
        response.StatusCode = (int)answer.Message.StatusCode;
        foreach (var name in Returned)
        {
            if (answer.Message.Headers.TryGetValues(name, out var values)
                || answer.Message.Content.Headers.TryGetValues(name, out values))
                response.Headers[name] = values.ToArray();
        }

        response.Headers[WriterHeader] = writer.ToString();
        if (answer.Body.Length == 0) return;
        response.ContentLength = answer.Body.Length;
        await response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }
}
