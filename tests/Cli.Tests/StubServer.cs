using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ControlPlane.Cli.Tests;

/// <summary>
/// Answers on a real socket with what a test laid down, one answer after the other for each path, the last one again
/// and again; remembers what it was asked.
/// </summary>
internal sealed class StubServer : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<StubAnswer>> answers = new(StringComparer.Ordinal);

    public StubServer()
    {
        Url = $"http://127.0.0.1:{FreePort()}";
        listener.Prefixes.Add(Url + "/");
        listener.Start();
        _ = ServeAsync();
    }

    public string Url { get; }

    public ConcurrentQueue<StubRequest> Requests { get; } = [];

    /// <summary>
    /// Lays down an answer for a method and path, such as <c>GET /v1/regions</c>; the query is not looked at.
    /// </summary>
    public StubServer With(string methodAndPath, int status, string body, params (string Name, string Value)[] headers)
    {
        answers.GetOrAdd(methodAndPath, _ => []).Enqueue(new StubAnswer(status, body, headers));
        return this;
    }

    /// <summary>Lays down that the connection breaks instead of an answer.</summary>
    public StubServer WithBrokenConnection(string methodAndPath) => With(methodAndPath, 0, "");

    public void Dispose() => listener.Close();

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            await AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var request = context.Request;
        using var reader = new StreamReader(request.InputStream, Encoding.UTF8);
        var path = request.RawUrl!.Split('?')[0];
        Requests.Enqueue(new StubRequest(
            request.HttpMethod,
            request.RawUrl!,
            await reader.ReadToEndAsync(),
            request.Headers["Idempotency-Key"],
            request.Headers["Authorization"]));
        var answer = Next($"{request.HttpMethod} {path}");
        if (answer.Status == 0)
        {
            // More is announced than is sent, so that nobody can take what came for the whole.
            context.Response.ContentLength64 = 100;
            await context.Response.OutputStream.WriteAsync("{"u8.ToArray());
            context.Response.Abort();
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(answer.Body);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.Status < 400 ? "application/json" : "application/problem+json";
        foreach (var (name, value) in answer.Headers) context.Response.AddHeader(name, value);
        try
        {
            await context.Response.OutputStream.WriteAsync(bytes);
            context.Response.Close();
        }
        catch (HttpListenerException)
        {
            // The program went away before it had read everything, as it may.
        }
    }

    private StubAnswer Next(string methodAndPath)
    {
        if (!answers.TryGetValue(methodAndPath, out var queue))
            return new StubAnswer(404, Problem("not-found", 404, "Not found", $"{methodAndPath} is not here"), []);
        if (queue.Count > 1 && queue.TryDequeue(out var next)) return next;
        return queue.TryPeek(out var last) ? last : throw new InvalidOperationException("no answer");
    }

    /// <summary>A problem document with complaints at pointers.</summary>
    public static string Problem(
        string slug,
        int status,
        string title,
        string detail,
        params (string Pointer, string Slug, string Detail)[] errors)
    {
        var list = string.Join(",", errors.Select(error =>
            $$"""{"pointer":"{{error.Pointer}}","slug":"{{error.Slug}}","detail":"{{error.Detail}}"}"""));
        return $$"""
            {"type":"/problems/{{slug}}","title":"{{title}}","status":{{status}},"detail":"{{detail}}","errors":[{{list}}],"traceId":"4bf92f"}
            """;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

/// <summary>What the server was asked.</summary>
internal sealed record StubRequest(
    string Method, string Target, string Body, string? IdempotencyKey, string? Authorization);

/// <summary>What the server answers; status 0 breaks the connection.</summary>
internal sealed record StubAnswer(int Status, string Body, (string Name, string Value)[] Headers);
