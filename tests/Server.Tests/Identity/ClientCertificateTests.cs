using System.Security.Cryptography.X509Certificates;
using ControlPlane.Ledger;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Tests.Api;
using ControlPlane.Server.Tests.Placements;

namespace ControlPlane.Server.Tests.Identity;

/// <summary>Workloads that prove themselves by certificates with SPIFFE names, over a real socket.</summary>
public sealed class ClientCertificateTests(CertificateServer on) : IClassFixture<CertificateServer>
{
    private const string Domain = CertificateServer.Domain;
    private static readonly TimeSpan day = TimeSpan.FromDays(1);

    private readonly TestCertificates trusted = on.Trusted;
    private readonly TestServer server = on.Server;

    [Fact]
    public async Task A_scheduler_asks_for_its_tenant_a_sites_agent_serves_its_site_and_the_ledger_names_them()
    {
        using var scheduler = trusted.ForClient(day, $"spiffe://{Domain}/scheduler/t1");
        using var agent = trusted.ForClient(day, $"spiffe://{Domain}/site/de-one-a");

        var placed = await AskAsync(scheduler, HttpMethod.Post, "/v1/placements", BadBodies.Good);
        var others = await AskAsync(
            scheduler, HttpMethod.Post, "/v1/placements", BadBodies.With("tenant", "\"t2\""));
        var operated = await AskAsync(scheduler, HttpMethod.Post, "/v1/sites/de-one-a:cordon", """{"because":"no"}""");
        var served = await AskAsync(agent, HttpMethod.Get, "/v1/agent/desired?session=1-none");
        var beyond = await AskAsync(agent, HttpMethod.Get, "/v1/placements");

        Assert.Equal(201, placed!.Status);
        Assert.Equal("403 tenant-forbidden /tenant", others!.Problem());
        Assert.Equal("403 role-missing", operated!.Problem());
        Assert.Equal("409 session-over", served!.Problem());
        Assert.Equal("403 role-missing", beyond!.Problem());
        var decided = (await server.RecordsAsync()).Last(record => record.Event is PlacementDecided).Event.By!;
        Assert.Equal(
            ($"spiffe://{Domain}/scheduler/t1", $"spiffe://{Domain}", scheduler.SerialNumber),
            (decided.Subject, decided.Issuer, decided.Token));
    }

    [Fact]
    public async Task A_name_of_another_domain_or_form_is_nobody()
    {
        string[] names =
        [
            "spiffe://other.example/scheduler/t1", "spiffe://trust.example.evil.example/scheduler/t1",
            "spiffe://trust.example:444/scheduler/t1", "spiffe://user@trust.example/scheduler/t1",
            "spiffe://trust.example/scheduler/t1/more", "spiffe://trust.example/scheduler/T1",
            "spiffe://trust.example/scheduler/", "spiffe://trust.example/operator/t1",
            "spiffe://trust.example/scheduler/t1?x=1", "https://trust.example/scheduler/t1",
        ];

        var problems = new List<string>();
        foreach (var name in names)
        {
            using var certificate = trusted.ForClient(day, name);
            problems.Add($"{name} {(await AskAsync(certificate, HttpMethod.Get, "/v1/placements"))!.Problem()}");
        }

        Assert.Equal(names.Select(name => $"{name} 401 unauthenticated"), problems);
    }

    [Fact]
    public async Task No_name_or_two_names_are_nobody()
    {
        using var none = trusted.ForClient(day);
        using var two = trusted.ForClient(day, $"spiffe://{Domain}/scheduler/t1", $"spiffe://{Domain}/scheduler/t2");

        var replies = new[]
        {
            await AskAsync(none, HttpMethod.Get, "/v1/placements"),
            await AskAsync(two, HttpMethod.Get, "/v1/placements"),
            await AskAsync(null, HttpMethod.Get, "/v1/placements"),
        };

        Assert.All(replies, reply => Assert.Equal("401 unauthenticated", reply!.Problem()));
    }

    [Fact]
    public async Task One_that_ran_out_is_meant_for_something_else_or_has_another_signer_is_not_let_in_at_all()
    {
        const string Name = $"spiffe://{Domain}/scheduler/t1";
        using var over = trusted.ForClient(TimeSpan.FromHours(-1), Name);
        using var foreign = new TestCertificates("foreign");
        using var others = foreign.ForClient(day, Name);
        using var otherUse = trusted.ForOtherUse(Name);

        foreach (var certificate in (X509Certificate2[])[over, others, otherUse])
            Assert.Null(await AskAsync(certificate, HttpMethod.Get, "/v1/placements"));
    }

    [Fact]
    public async Task A_token_goes_before_a_certificate()
    {
        using var scheduler = trusted.ForClient(day, $"spiffe://{Domain}/scheduler/t1");

        var reply = await AskAsync(scheduler, HttpMethod.Head, "/v1/placements");

        Assert.Equal(401, reply!.Status);
    }

    /// <summary>Null when the handshake fails. HEAD is sent with a token that is none.</summary>
    private async Task<Reply?> AskAsync(
        X509Certificate2? certificate, HttpMethod method, string path, string? body = null)
    {
        using var handler = new SocketsHttpHandler();
        using var authority = X509Certificate2.CreateFromPem(trusted.AuthorityPem);
        var issuer = authority.Subject;
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Issuer == issuer;
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(method, new Uri(server.Http.BaseAddress!, path)); // it runs
        if (method == HttpMethod.Head) request.Headers.Authorization = new("Bearer", "none");
        if (body is not null)
        {
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            request.Headers.Add("Idempotency-Key", $"{Guid.NewGuid()}");
        }

        try
        {
            using var answer = await http.SendAsync(request);
            var type = answer.Content.Headers.ContentType?.MediaType ?? "";
            return new Reply(
                (int)answer.StatusCode, type, await answer.Content.ReadAsStringAsync(),
                new Dictionary<string, string>());
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}

/// <summary>A server over TLS that takes client certificates of one authority.</summary>
public sealed class CertificateServer : IAsyncLifetime, IAsyncDisposable
{
    internal const string Domain = "trust.example";

    private readonly TestDirectory directory = new("mtls");
    private TestServer? server;

    internal TestCertificates Trusted { get; } = new("trusted");

    internal TestServer Server => server!; // it runs before any test does

    public async Task InitializeAsync()
    {
        var (certificate, key) = Trusted.ForServer();
        await File.WriteAllTextAsync(directory.In("server.pem"), certificate);
        await File.WriteAllTextAsync(directory.In("server.key"), key);
        await File.WriteAllTextAsync(directory.In("authority.pem"), Trusted.AuthorityPem);
        server = new TestServer
        {
            Tls = new TlsFiles(directory.In("server.pem"), directory.In("server.key"))
            {
                Clients = new ClientAuthority(directory.In("authority.pem"), Domain),
            },
        };
        await server.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Trusted.Dispose();
        directory.Dispose();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
}
