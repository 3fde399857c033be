using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ControlPlane.Failover;
using ControlPlane.Server.Tests.Api;

namespace ControlPlane.Server.Tests.Failover;

/// <summary>Speaks to a server as the agent of a site does, one call at a time.</summary>
internal sealed class TestAgent(TestServer server, string site) : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private string credential = "";

    public AgentSession Session { get; set; } = new(1, "one");

    public void Dispose() => key.Dispose();

    /// <summary>Enrols; the credential is kept when there is one.</summary>
    public async Task<Reply> EnrolAsync(string? joinToken, DateTimeOffset? signedAt = null, string? forged = null)
    {
        var request = new EnrolRequest
        {
            Site = new(site), JoinToken = joinToken,
            PublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()),
            SignedAt = signedAt ?? DateTimeOffset.UtcNow, Signature = "",
        };
        var proof = key.SignData(Encoding.UTF8.GetBytes(request.Proof), HashAlgorithmName.SHA256);
        var answer = await SendAsync(
            HttpMethod.Post, "/v1/agent/enrol", request with { Signature = forged ?? Convert.ToBase64String(proof) });
        if (answer.Status == 200) credential = (string)answer.Json["credential"]!;
        return answer;
    }

    /// <summary>Enrols with a token of its own, issued by an operator.</summary>
    public async Task JoinAsync()
    {
        var issued = await server.PostAsync($"/v1/sites/{site}:issue-join-token", "{}");
        Assert.Equal(200, (await EnrolAsync((string)issued.Json["joinToken"]!)).Status);
    }

    public Task<Reply> RenewAsync(AgentSession? session = null) => SendAsync(
        HttpMethod.Post, "/v1/agent/renew",
        new RenewRequest { Session = session ?? Session, SentAtMilliseconds = 7, Guarded = true });

    public Task<Reply> DesiredAsync(string? session = null, long after = 0) => SendAsync(
        HttpMethod.Get, $"/v1/agent/desired?session={session ?? $"{Session.Number}-{Session.Nonce}"}&after={after}");

    public Task<Reply> ReportAsync(AgentSession? session = null, string? padding = null) => SendAsync(
        HttpMethod.Post, "/v1/agent/report", new AgentReport
        {
            Session = session ?? Session, Revision = 0, Sequence = 1, Work = [],
            Signals = padding is null ? [] :
            [
                new()
                {
                    Site = new(site), Source = SignalSource.Driver, Healthy = true, ConfidencePercent = 100,
                    AgeMilliseconds = 0, Detail = padding,
                },
            ],
        });

    /// <summary>Says something about the health of sites, and that nothing runs.</summary>
    public Task<Reply> ReportAsync(params IReadOnlyList<HealthSignal> signals) => SendAsync(
        HttpMethod.Post, "/v1/agent/report", new AgentReport
        {
            Session = Session, Revision = 0, Sequence = 1_000, Work = [], Signals = signals.ToSeq(),
        });

    /// <summary>Says that all that is desired runs, and nothing else.</summary>
    public Task<Reply> ReportAsync(DesiredWork work) => SendAsync(
        HttpMethod.Post, "/v1/agent/report", new AgentReport
        {
            Session = Session, Revision = work.Revision, Sequence = work.Revision,
            Work =
            [
                .. work.Orders.Select(order => new ObservedWork
                {
                    Placement = order.Placement, Epoch = order.Epoch, RunClass = order.RunClass,
                    Status = WorkStatus.Running,
                }),
            ],
        });

    /// <summary>A request with the agent's credential, to be sent as the test likes.</summary>
    public HttpRequestMessage Request(HttpMethod method, string path) =>
        new(method, path) { Headers = { Authorization = new("Bearer", credential) } };

    private Task<Reply> SendAsync(HttpMethod method, string path, object? body = null)
    {
        var request = Request(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, AgentJson.Options));
            request.Content.Headers.Add("Content-Type", "application/json");
            // What is too big is refused by its length, before it is sent.
            request.Headers.ExpectContinue = true;
        }

        return server.SendAnonymousAsync(request);
    }
}
