using ControlPlane.Files;
using ControlPlane.Server.Database;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Identity;

/// <summary>Holds what the server knows about identities: its own key, the issuers it trusts, and their keys.</summary>
internal sealed class IdentityHost : IAsyncDisposable
{
    private static readonly TimeSpan tick = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan rewriteTokens = TimeSpan.FromHours(8);

    private readonly CancellationTokenSource stopping = new();
    private Task keeping = Task.CompletedTask;

    private IdentityHost(ServerKey key) => Key = key;

    public ServerKey Key { get; }

    public required TokenReader Tokens { get; init; }

    /// <summary>Lends permissions in emergencies.</summary>
    public required BreakGlass Glass { get; init; }

    /// <summary>Domain in which client certificates name workloads; null when none are taken.</summary>
    public string? TrustDomain { get; private init; }

    /// <summary>Issues tokens on this machine; null where an identity file says whose tokens count.</summary>
    public LocalIssuer? Local { get; private init; }

    private IReadOnlyList<IssuerKeys> Outside { get; init; } = [];

    private HttpMessageInvoker? Http { get; init; }

    private ServerKeyStore? Store { get; init; }

    public static async Task<IdentityHost> StartAsync(
        ServerOptions options, PostgresDatabase database, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var clock = TimeProvider.System;
        var spec = options.IdentityFile is { } file ? Read(file) : null;
        var key = ServerKey.LoadOrCreate(options.DataDirectory);
        var store = new ServerKeyStore(database, clock);
        await store.AddAsync(key, cancellation);
        var log = loggers.CreateLogger<IssuerKeys>();
        var http = CreateClient();
        var outside = (spec?.Issuers ?? []).Select(issuer => new IssuerKeys(issuer, http, clock, log)).ToList();
        Seq<TrustedIssuer> issuers =
        [
            .. outside.Select(keys => new OutsideIssuer(keys)),
            OwnIssuer.Of(OwnIssuer.Credentials, store, Role.SiteAgent, Role.Agent),
            .. spec is null ? [OwnIssuer.Of(OwnIssuer.Local, store)] : Array.Empty<TrustedIssuer>(),
        ];
        var host = new IdentityHost(key)
        {
            Tokens = new TokenReader(issuers, clock),
            Glass = new BreakGlass(key, store, clock),
            Local = spec is null ? new LocalIssuer(key, clock) : null,
            Outside = outside,
            TrustDomain = options.Tls?.Clients?.TrustDomain,
            Http = http,
            Store = store,
        };
        host.Local?.WriteTokens(options.DataDirectory);
        host.keeping = Task.Run(() => host.KeepAsync(options.DataDirectory, clock), CancellationToken.None);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await keeping;
        foreach (var keys in Outside) keys.Dispose();
        Http?.Dispose();
        Store?.Dispose();
        Key.Dispose();
        stopping.Dispose();
    }

    /// <summary>Keys are fetched before they are needed, and what a server withdrew is noticed.</summary>
    private async Task KeepAsync(string dataDirectory, TimeProvider clock)
    {
        var written = clock.GetTimestamp();
        try
        {
            using var timer = new PeriodicTimer(tick, clock);
            do
            {
                foreach (var keys in Outside) await keys.RefreshAsync(stopping.Token);
                if (Local is null || clock.GetElapsedTime(written) < rewriteTokens) continue;
                Local.WriteTokens(dataDirectory);
                written = clock.GetTimestamp();
            }
            while (await timer.WaitForNextTickAsync(stopping.Token));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private static HttpMessageInvoker CreateClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(3),
    });

    private static IdentitySpec Read(string path)
    {
        try
        {
            var bound = YamlBinder.Bind<IdentitySpec>(new SourceFile(Path.GetFileName(path), File.ReadAllText(path)));
            var problems = bound.Problems.Concat(bound.IsValid ? Check(bound.Value) : []).ToList();
            if (problems.Count == 0) return bound.Value;
            throw new StartRefusedException(
                ExitCode.InvalidInput,
                $"the identity file cannot be used:\n{string.Join('\n', problems.Select(problem => $"  {problem}"))}");
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(
                ExitCode.InvalidInput, $"the identity file cannot be read: {broken.Message}", broken);
        }
    }

    private static IEnumerable<Problem> Check(IdentitySpec spec)
    {
        string[] algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];
        foreach (var (issuer, index) in spec.Issuers.Select((issuer, index) => (issuer, index)))
        {
            var path = $"issuers[{index}]";
            if (!Uri.TryCreate(issuer.Issuer, UriKind.Absolute, out var url) || !IssuerKeys.IsAllowed(url))
                yield return new("value-unknown", $"{path}.issuer", "must be an https URL; http is for loopback only");
            foreach (var other in issuer.Algorithms.Except(algorithms))
                yield return new("value-unknown", $"{path}.algorithms", $"'{other}' is none of those that are safe");
            foreach (var role in (issuer.Roles ?? []).Where(name => Role.Find(name) is null))
                yield return new("value-unknown", $"{path}.roles", $"'{role}' is no role");
        }

        foreach (var twice in spec.Issuers.GroupBy(issuer => issuer.Issuer).Where(group => group.Count() > 1))
            yield return new("duplicate-id", "issuers", $"{twice.Key} stands there twice");
    }
}
