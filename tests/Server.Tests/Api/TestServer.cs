using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Core.Tests;
using ControlPlane.Ledger;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;
using ControlPlane.Server.Tests.Database;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Command = ControlPlane.Server.Placements.Command;

namespace ControlPlane.Server.Tests.Api;

/// <summary>The HTTP side on a real loopback port, with a database and <see cref="SmallFleet"/>.</summary>
public sealed class TestServer : IAsyncLifetime, IAsyncDisposable
{
    private readonly TestDirectory directory = new("api");
    private readonly int? tenantRate;
    private string? root;
    private readonly HttpClient anonymous = new() { Timeout = TimeSpan.FromSeconds(60) };
    private LedgerHost? ledger;
    private IdentityHost? identity;
    private WebApplication? app;

    public TestServer()
    {
    }

    internal TestServer(int tenantRate) => this.tenantRate = tenantRate;

    /// <summary>Requests of one tenant that may be under way.</summary>
    internal int TenantConcurrency { get; init; } = ServerOptions.DefaultTenantConcurrency;

    /// <summary>Certificates to serve with; null serves in clear.</summary>
    internal TlsFiles? Tls { get; init; }

    /// <summary>File that says whose tokens count; null where the server issues its own.</summary>
    internal string? IdentityFile { get; init; }

    /// <summary>Files beside those of the small fleet.</summary>
    internal IReadOnlyList<ControlPlane.Files.SourceFile> MoreFiles { get; init; } = [];

    /// <summary>Keys whose holders approve policies.</summary>
    internal ControlPlane.Policies.PolicyKeys PolicyKeys { get; init; } = ControlPlane.Policies.PolicyKeys.None;

    /// <summary>One with the regions and policies that are shipped.</summary>
    internal static TestServer OnShippedFiles() => new() { root = Checkout.Root };

    public TestDatabase Database { get; private set; } = new();

    public HttpClient Http { get; private set; } = new();

    public int Port => Http.BaseAddress!.Port; // set when it started

    /// <summary>Issues whatever token a test needs.</summary>
    internal LocalIssuer Issuer => identity!.Local!; // set when it started, and it has no identity file

    /// <summary>Token of somebody who may do everything.</summary>
    public string Token => Issuer.TokenFor("tests", Role.All);

    /// <summary>Everything that is mapped.</summary>
    internal IEnumerable<RouteEndpoint> Endpoints =>
        ((IEndpointRouteBuilder)app!).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        root ??= await WriteSmallFilesAsync();
        var options = new ServerOptions
        {
            Port = 0,
            DataDirectory = directory.Path,
            RegionsDirectory = Path.Combine(root, "regions"),
            PoliciesDirectory = Path.Combine(root, "policies"),
            TenantRate = tenantRate,
            Tls = Tls,
            IdentityFile = IdentityFile,
            PolicyKeys = PolicyKeys,
            TenantConcurrency = TenantConcurrency,
            LogLevel = LogLevel.Error,
        };
        ledger = await LedgerHost.StartAsync(
            Database.Database, options, NullLoggerFactory.Instance, CancellationToken.None);
        identity = await IdentityHost.StartAsync(
            options, Database.Database, NullLoggerFactory.Instance, CancellationToken.None);
        app = HttpEdge.Create(options, ledger, Database.Database, identity);
        Http.BaseAddress = new Uri(await Listener.StartAsync(app, 0, CancellationToken.None));
        Http.Timeout = TimeSpan.FromSeconds(60);
        if (identity.Local is not null) Http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
    }

    /// <summary>Decides; there when it started.</summary>
    internal DecisionLoop Loop => ledger!.Loop;

    internal Task<Answer> SubmitAsync(Command command) => ledger!.Loop.SubmitAsync(command, CancellationToken.None);

    public async Task DisposeAsync()
    {
        Http.Dispose();
        anonymous.Dispose();
        if (app is not null) await app.DisposeAsync();
        if (ledger is not null) await ledger.DisposeAsync();
        if (identity is not null) await identity.DisposeAsync();
        await Database.DisposeAsync();
        directory.Dispose();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    /// <summary>Sends a body as JSON under a key that is new unless it is given; an empty key sends none.</summary>
    public async Task<Reply> PostAsync(string path, byte[] body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.Add("Content-Type", "application/json");
        key ??= $"{Guid.NewGuid()}";
        if (key.Length > 0) request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await SendAsync(request);
    }

    public Task<Reply> PostAsync(string path, string body, string? key = null) =>
        PostAsync(path, Encoding.UTF8.GetBytes(body), key);

    public Task<Reply> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public Task<Reply> SendAsync(HttpRequestMessage request) => SendAsync(Http, request, CancellationToken.None);

    /// <summary>Sends with the token that the request carries, or none.</summary>
    public Task<Reply> SendAnonymousAsync(HttpRequestMessage request, CancellationToken cancellation = default) =>
        SendAsync(anonymous, request, cancellation);

    /// <summary>Reads what comes within a time; what streams has no end to wait for.</summary>
    public async Task<Reply> SendToStreamAsync(HttpRequestMessage request, TimeSpan time, string? until = null)
    {
        request.RequestUri = new Uri(Http.BaseAddress!, request.RequestUri!);
        using var answer = await anonymous.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var limit = new CancellationTokenSource(time);
        using var text = new MemoryStream();
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(limit.Token);
            var part = new byte[4_096];
            while (await stream.ReadAsync(part, limit.Token) is > 0 and var length)
            {
                text.Write(part, 0, length);
                var sofar = Encoding.UTF8.GetString(text.ToArray());
                if (until is not null && sofar.Contains(until, StringComparison.Ordinal)) break;
            }
        }
        catch (OperationCanceledException)
        {
            // As was meant.
        }

        var type = answer.Content.Headers.ContentType?.MediaType ?? "";
        return new Reply(
            (int)answer.StatusCode, type, Encoding.UTF8.GetString(text.ToArray()), new Dictionary<string, string>());
    }

    private async Task<Reply> SendAsync(
        HttpClient http, HttpRequestMessage request, CancellationToken cancellation)
    {
        if (!request.RequestUri!.IsAbsoluteUri) request.RequestUri = new Uri(Http.BaseAddress!, request.RequestUri);
        using var answer = await http.SendAsync(request, cancellation);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        var type = answer.Content.Headers.ContentType?.MediaType ?? "";
        var headers = answer.Headers.Concat(answer.Content.Headers)
            .ToDictionary(
                header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Reply((int)answer.StatusCode, type, text, headers);
    }

    /// <summary>Every record of the ledger.</summary>
    internal async Task<List<LedgerRecord>> RecordsAsync()
    {
        var records = new List<LedgerRecord>();
        await foreach (var record in ledger!.Store.ReadAsync(0, LedgerRecord.NoHash, CancellationToken.None))
            records.Add(record);
        return records;
    }

    /// <summary>Position and hash of the newest record: as long as they stay, nothing was changed.</summary>
    public async Task<string> HeadAsync()
    {
        var head = await Http.GetFromJsonAsync<JsonObject>("/v1/ledger/head");
        return $"{head!["position"]} {head["hash"]}";
    }

    /// <summary>Sends bytes as they are, with a token where a whole Host header stands, and reads to the end.</summary>
    public async Task<string> RawAsync(params IReadOnlyList<string> parts)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        await using var stream = client.GetStream();
        foreach (var part in parts)
        {
            var text = part.Replace(
                "\r\nHost: x\r\n", $"\r\nHost: x\r\nAuthorization: Bearer {Token}\r\n",
                StringComparison.Ordinal);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(text));
        }

        using var reader = new StreamReader(stream, Encoding.UTF8);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await reader.ReadToEndAsync(limit.Token);
    }

    private async Task<string> WriteSmallFilesAsync()
    {
        foreach (var file in SmallFleet.Files().Concat(SmallPolicies.Files()).Concat(MoreFiles))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(directory.In(file.Path))!);
            await File.WriteAllTextAsync(directory.In(file.Path), file.Text);
        }

        return directory.Path;
    }
}

/// <summary>What the server answered.</summary>
public sealed record Reply(int Status, string MediaType, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public JsonObject Json => JsonNode.Parse(Text)!.AsObject();

    /// <summary>Status, slug and pointers of an answer that must be a problem in every respect.</summary>
    public string Problem()
    {
        Assert.True(MediaType == "application/problem+json", $"{Status} {MediaType} {Text}");
        var json = Json;
        var errors = json["errors"]!.AsArray();
        var slug = ((string)json["type"]!)["/problems/".Length..];
        Assert.Equal(Status, (int)json["status"]!);
        Assert.Equal(ProblemTable.Find(slug)!.Title, (string)json["title"]!);
        Assert.Equal(slug, (string)errors[0]!["slug"]!);
        Assert.NotEmpty((string)json["detail"]!);
        Assert.DoesNotContain("   at ", Text, StringComparison.Ordinal);
        var pointers = string.Join(",", errors.Select(error => (string)error!["pointer"]!));
        return string.Create(CultureInfo.InvariantCulture, $"{Status} {slug} {pointers}").TrimEnd();
    }
}
