using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ControlPlane.Server.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Server.Tests.Identity;

/// <summary>
/// A token of an OpenID provider that others wrote: oidc-provider from npm, installed once into the user's cache.
/// </summary>
public sealed class OidcProviderTests
{
    private const string Version = "9.13.3";
    private static readonly TimeSpan installLimit = TimeSpan.FromMinutes(3);

    private const string Program = """
        import Provider from 'oidc-provider';
        import http from 'node:http';
        const server = http.createServer((request, response) => handler(request, response));
        let handler;
        server.listen(0, '127.0.0.1', () => {
          const issuer = `http://127.0.0.1:${server.address().port}`;
          const provider = new Provider(issuer, {
            clients: [{
              client_id: 'scheduler', client_secret: 'not-a-secret-here', grant_types: ['client_credentials'],
              redirect_uris: [], response_types: [],
            }],
            features: {
              clientCredentials: { enabled: true },
              devInteractions: { enabled: false },
              resourceIndicators: {
                enabled: true,
                getResourceServerInfo: () => ({
                  scope: 'fleet:read placements:write', audience: 'control-plane', accessTokenFormat: 'jwt',
                  jwt: { sign: { alg: 'RS256' } },
                }),
              },
            },
            extraTokenClaims: () => ({ sub: 'scheduler', roles: ['scheduler'], tenants: ['t1'] }),
          });
          handler = provider.callback();
          console.log(issuer);
        });
        """;

    [NpmFact]
    public async Task A_token_of_a_provider_that_others_wrote_is_believed()
    {
        var folder = await InstallAsync();
        var start = new ProcessStartInfo("node", ["serve.mjs"])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var provider = Process.Start(start)!; // null only for a shell's start
        try
        {
            var url = await provider.StandardOutput.ReadLineAsync();
            using var client = new HttpClient();
            using var ask = new HttpRequestMessage(HttpMethod.Post, $"{url}/token")
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string>
                {
                    ["grant_type"] = "client_credentials", ["resource"] = "https://control-plane.example",
                    ["scope"] = "fleet:read placements:write",
                }),
            };
            ask.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String("scheduler:not-a-secret-here"u8));
            using var answer = await client.SendAsync(ask);
            var body = await answer.Content.ReadFromJsonAsync<JsonObject>();
            Assert.True(answer.IsSuccessStatusCode, $"{body}");
            using var http = new HttpMessageInvoker(new SocketsHttpHandler());
            using var keys = new IssuerKeys(
                new IssuerSpec { Issuer = url!, Audience = "control-plane" }, http, TimeProvider.System,
                NullLogger.Instance);
            var reader = new TokenReader([new OutsideIssuer(keys)], TimeProvider.System);

            var token = (string)body!["access_token"]!;
            var believed = Assert.IsType<TokenAccepted>(await reader.ReadAsync(token, CancellationToken.None)).Caller;
            var changed = await reader.ReadAsync(token[..^9] + (token[^9] == 'A' ? 'B' : 'A') + token[^8..], default);

            Assert.Equal(
                ("scheduler", "scheduler", "t1", "fleet:read placements:write"),
                (believed.Subject, $"{believed.Roles[0]}", believed.Tenants!.Value[0],
                    string.Join(' ', believed.Scopes!.Value)));
            Assert.Equal("token-invalid", Assert.IsType<TokenRefused>(changed).Kind.Slug);
        }
        finally
        {
            provider.Kill();
        }
    }

    /// <summary>The folder it is in.</summary>
    private static async Task<string> InstallAsync()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
            ?? Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? Path.GetTempPath(), ".cache");
        var folder = Path.Combine(cache, "control-plane", $"oidc-provider-{Version}");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), """{"private":true,"type":"module"}""");
        await File.WriteAllTextAsync(Path.Combine(folder, "serve.mjs"), Program);
        if (Directory.Exists(Path.Combine(folder, "node_modules", "oidc-provider"))) return folder;
        using var npm = Process.Start(new ProcessStartInfo(
            "npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", $"oidc-provider@{Version}"])
        {
            WorkingDirectory = folder, RedirectStandardError = true,
        })!; // null only for a shell's start
        using var limit = new CancellationTokenSource(installLimit);
        var errors = await npm.StandardError.ReadToEndAsync(limit.Token);
        await npm.WaitForExitAsync(limit.Token);
        Assert.True(npm.ExitCode == 0, errors);
        return folder;
    }
}

/// <summary>Marks a test that needs a package of npm; it is skipped, and says so, where there is no npm.</summary>
internal sealed class NpmFactAttribute : FactAttribute
{
    public NpmFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "npm")))) Skip = "npm is not installed";
    }
}
