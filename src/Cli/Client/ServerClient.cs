using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Client;

/// <summary>
/// Speaks with the server over HTTP: sends, waits a bounded time, reads JSON, and turns every failure into the end of
/// the command with its exit code.
/// </summary>
internal sealed class ServerClient : IDisposable
{
    /// <summary>Times that a change is sent again, always with the same key.</summary>
    private const int MostRetries = 3;

    /// <summary>Pages that a list may have.</summary>
    private const int MostPages = 100_000;

    private const int LargestAnswerBytes = 256 << 20;

    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly ServerAddress address;
    private readonly HttpClient http;

    public ServerClient(ServerAddress address)
    {
        this.address = address;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = LongestConnect,
            UseProxy = !address.Root.IsLoopback,
        };
        http = new HttpClient(handler)
        {
            BaseAddress = address.Root,
            Timeout = LongestAnswer,
            MaxResponseContentBufferSize = LargestAnswerBytes,
        };
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("cplane", ProgramVersion.Text));
        if (address.Credentials is { } credentials) http.DefaultRequestHeaders.Add("Authorization", credentials);
    }

    public void Dispose() => http.Dispose();

    /// <summary>Asks for something; no retries, the user can ask again.</summary>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellation)
    {
        var answer = await SendOnceAsync(() => new HttpRequestMessage(HttpMethod.Get, path), cancellation);
        return answer.Problem is { } problem ? throw problem.Failure() : answer.Body;
    }

    /// <summary>All items of a list, page after page.</summary>
    public async IAsyncEnumerable<JsonElement> ListAsync(
        string path, string collection, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var token = "";
        for (var page = 0; page < MostPages; page++)
        {
            var mark = path.Contains('?') ? '&' : '?';
            var next = token.Length == 0 ? path : $"{path}{mark}page_token={Uri.EscapeDataString(token)}";
            var body = await GetAsync(next, cancellation);
            foreach (var item in body.Items(collection)) yield return item;
            token = body.Text("nextPageToken");
            if (token.Length == 0) yield break;
        }

        throw new CommandFailure(ExitCode.Unreachable, "unexpected-answer", $"the list at {path} has no end");
    }

    /// <summary>Events as they happen, each with its kind, until cancelled or the server hangs up.</summary>
    public async IAsyncEnumerable<(string Kind, JsonElement Data)> FollowAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Clear();
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var response = await OpenAsync(request, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            var answer = Read(response, await response.Content.ReadAsStringAsync(cancellation));
            throw answer.Problem!.Failure(); // what is no success has one
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellation))
            yield return (item.EventType, JsonElement.Parse(item.Data));
    }

    /// <summary>
    /// Sends a change that is safe to repeat. While the server is away or busy it is sent again, a bounded number of
    /// times; what the server declines comes back as its problem.
    /// </summary>
    public async Task<ServerAnswer> SendAsync(Change change, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            string reason;
            var pause = TimeSpan.FromMilliseconds(250 << attempt);
            try
            {
                var answer = await SendOnceAsync(change.ToMessage, cancellation);
                if (answer.Problem is not { IsPassing: true } problem || attempt == MostRetries) return answer;
                reason = problem.Slug;
                if (answer.RetryAfter is { } asked) pause = asked < LongestPause ? asked : LongestPause;
            }
            catch (CommandFailure failure) when (failure.Slug == "unreachable" && attempt < MostRetries)
            {
                reason = failure.Message;
            }

            Screen.Note($"{reason}; trying again ({attempt + 1} of {MostRetries})");
            await Task.Delay(pause, cancellation);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException failure)
        {
            throw Unreachable(Innermost(failure));
        }
    }

    private async Task<ServerAnswer> SendOnceAsync(Func<HttpRequestMessage> message, CancellationToken cancellation)
    {
        using var request = message();
        try
        {
            using var response = await http.SendAsync(request, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            return Read(response, text);
        }
        catch (HttpRequestException failure)
        {
            throw Unreachable(Innermost(failure));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Unreachable($"no answer within {LongestAnswer.TotalSeconds:0} seconds");
        }
    }

    private ServerAnswer Read(HttpResponseMessage response, string text)
    {
        var status = (int)response.StatusCode;
        var retryAfter = response.Headers.RetryAfter?.Delta;
        if (text.Length == 0 && response.StatusCode == System.Net.HttpStatusCode.NoContent)
            return new ServerAnswer(status, default, null, retryAfter);
        JsonElement body;
        try
        {
            body = JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            // A proxy in between answers errors in its own words; a success in other words is another server.
            if (response.IsSuccessStatusCode || status is >= 300 and < 400)
                throw new CommandFailure(
                    ExitCode.Unreachable,
                    "unexpected-answer",
                    $"what answers at {address.Shown} is not a control plane");
            body = default;
        }

        var problem = response.IsSuccessStatusCode ? null : ServerProblem.From(status, body);
        return new ServerAnswer(status, body, problem, retryAfter);
    }

    private CommandFailure Unreachable(string why) =>
        new(ExitCode.Unreachable, "unreachable", $"cannot reach {address.Shown}: {why}")
        {
            Hint = "start the server with ./run, or name another with --url or CPLANE_URL",
        };

    private static string Innermost(Exception failure)
    {
        var inner = failure;
        while (inner.InnerException is { } next) inner = next;
        var text = inner.Message.TrimEnd('.');
        return text.Length == 0 ? inner.GetType().Name : char.ToLowerInvariant(text[0]) + text[1..];
    }
}

/// <summary>A change that the server is asked for and that may be sent more than once.</summary>
/// <param name="Method">POST or DELETE.</param>
/// <param name="Path">Path below the server's address.</param>
/// <param name="Json">Body; null for none.</param>
/// <param name="IdempotencyKey">Makes a repeated POST safe; null where the change is safe by itself.</param>
internal sealed record Change(HttpMethod Method, string Path, string? Json, string? IdempotencyKey)
{
    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(Method, Path);
        if (Json is not null) message.Content = new StringContent(Json, Encoding.UTF8, "application/json");
        if (IdempotencyKey is not null) message.Headers.TryAddWithoutValidation("Idempotency-Key", IdempotencyKey);
        return message;
    }
}

/// <summary>What the server answered: its body, or the problem by which it declines.</summary>
internal sealed record ServerAnswer(int Status, JsonElement Body, ServerProblem? Problem, TimeSpan? RetryAfter);
