using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ControlPlane.Failover;

namespace ControlPlane.SiteAgent.Failover;

/// <summary>
/// Speaks to the control plane for one site, outbound only. What gets no good answer within its time is null: the
/// outcome is not known, and whoever asked asks again.
/// </summary>
internal sealed class ServerLink(ServerWay way, AgentIdentity identity, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim enrolling = new(1);
    private string? credential;
    private long credentialUntil;

    /// <summary>Why the last call had no good answer; null when it had one.</summary>
    public string? Trouble { get; private set; }

    public Task<RenewAnswer?> RenewAsync(RenewRequest request, CancellationToken cancellation) =>
        AskAsync<RenewAnswer>(() => Post("v1/agent/renew", request), AnswerWithin, cancellation);

    public Task<ReportAnswer?> ReportAsync(AgentReport report, CancellationToken cancellation) =>
        AskAsync<ReportAnswer>(() => Post("v1/agent/report", report), AnswerWithin, cancellation);

    /// <summary>Waits at the server while there is nothing newer than a revision.</summary>
    public Task<DesiredWork?> DesiredAsync(AskDesired ask, TimeSpan wait, CancellationToken cancellation)
    {
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"v1/agent/desired?session={ask.Session.Number}-{ask.Session.Nonce}&after={ask.After}");
        return AskAsync<DesiredWork>(() => new(HttpMethod.Get, way.To(path)), wait + AnswerWithin, cancellation);
    }

    public void Dispose()
    {
        identity.Dispose();
        enrolling.Dispose();
    }

    private HttpRequestMessage Post<T>(string path, T body) =>
        new(HttpMethod.Post, way.To(path)) { Content = Body(body) };

    private static JsonContent Body<T>(T value) => JsonContent.Create(value, options: AgentJson.Options);

    private async Task<T?> AskAsync<T>(
        Func<HttpRequestMessage> request, TimeSpan within, CancellationToken cancellation)
        where T : class
    {
        using var limit = new CancellationTokenSource(within, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            var bearer = await CredentialAsync(either.Token);
            if (bearer is null) return null;
            using var message = request();
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            using var response = await way.Http.SendAsync(message, either.Token);
            if (response.StatusCode == HttpStatusCode.Unauthorized) credential = null;
            // Nothing newer came within the wait.
            if (response.StatusCode == HttpStatusCode.NoContent) return null;
            if (!await IsGoodAsync(response, either.Token)) return null;
            Trouble = null;
            return await response.Content.ReadFromJsonAsync<T>(AgentJson.Options, either.Token);
        }
        catch (Exception failure) when (IsNoAnswer(failure) && !cancellation.IsCancellationRequested)
        {
            Trouble = limit.IsCancellationRequested ? "the server did not answer in time" : failure.Message;
            return null;
        }
    }

    // Asks for a new credential when half the life of the old one is over, so that a server that is away for a while
    // does not leave the agent without one.
    private async Task<string?> CredentialAsync(CancellationToken cancellation)
    {
        if (credential is { } held && clock.GetTimestamp() < credentialUntil) return held;
        await enrolling.WaitAsync(cancellation);
        try
        {
            if (credential is { } fresh && clock.GetTimestamp() < credentialUntil) return fresh;
            var answer = await EnrolAsync(withJoinToken: false, cancellation)
                ?? await EnrolAsync(withJoinToken: true, cancellation);
            if (answer is null) return credential;
            credential = answer.Credential;
            credentialUntil = clock.GetTimestamp() + (answer.CredentialSeconds * clock.TimestampFrequency / 2);
            return credential;
        }
        finally
        {
            enrolling.Release();
        }
    }

    private async Task<EnrolAnswer?> EnrolAsync(bool withJoinToken, CancellationToken cancellation)
    {
        var request = identity.Request(clock.GetUtcNow(), withJoinToken);
        if (withJoinToken && request.JoinToken is null) return null;
        using var message = Post("v1/agent/enrol", request);
        using var response = await way.Http.SendAsync(message, cancellation);
        return await IsGoodAsync(response, cancellation)
            ? await response.Content.ReadFromJsonAsync<EnrolAnswer>(AgentJson.Options, cancellation)
            : null;
    }

    private async Task<bool> IsGoodAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode) return true;
        var text = await response.Content.ReadAsStringAsync(cancellation);
        Trouble = $"{(int)response.StatusCode} {(text.Length > 300 ? text[..300] : text)}";
        return false;
    }

    private static bool IsNoAnswer(Exception failure) =>
        failure is HttpRequestException or OperationCanceledException or JsonException or IOException;
}

/// <summary>The way to the control plane. Time limits are set call by call, so it has none of its own.</summary>
internal sealed record ServerWay(HttpMessageInvoker Http, Uri Server)
{
    public Uri To(string path) => new(Server, path);
}
