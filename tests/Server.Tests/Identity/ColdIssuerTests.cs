using System.Net.Http.Headers;
using ControlPlane.Server.Tests.Api;

namespace ControlPlane.Server.Tests.Identity;

/// <summary>A server whose issuer cannot be reached, over a real socket.</summary>
public sealed class ColdIssuerTests
{
    [Fact]
    public async Task T60_keys_that_were_never_fetched_are_503_and_keys_that_were_go_on_counting()
    {
        using var folder = new TestDirectory("cold");
        await using var issuer = await TestIssuer.StartAsync();
        await File.WriteAllTextAsync(folder.In("identity.yaml"), $"""
            schemaVersion: 1
            issuers:
              - issuer: {issuer.Url}
                audience: control-plane

            """);
        var token = issuer.Token("ES256", DateTimeOffset.UtcNow);
        await using var warm = new TestServer { IdentityFile = folder.In("identity.yaml") };
        await warm.InitializeAsync();
        var known = await AskAsync(warm, token);
        await issuer.DisposeAsync();
        await using var cold = new TestServer { IdentityFile = folder.In("identity.yaml") };
        await cold.InitializeAsync();

        var (still, never) = (await AskAsync(warm, token), await AskAsync(cold, token));

        Assert.Equal((200, 200), (known.Status, still.Status));
        Assert.StartsWith("503 keys-unavailable", never.Problem(), StringComparison.Ordinal);
        Assert.True(int.Parse(never.Headers["Retry-After"], null) > 0);
    }

    private static Task<Reply> AskAsync(TestServer server, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/regions");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return server.SendAnonymousAsync(request);
    }
}
