using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Server.Tests.Identity;

/// <summary>
/// An OpenID issuer on a real port, which signs whatever it is told, sound or not, and can lose and change its keys.
/// </summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly List<TestKey> published = [];

    private TestIssuer(WebApplication app) => this.app = app;

    public string Url { get; private set; } = "";

    public TestKey Rsa { get; } = TestKey.OfRsa("rsa-1");

    public TestKey Ec { get; } = TestKey.OfEc("ec-1");

    public static async Task<TestIssuer> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        var app = builder.Build();
        var issuer = new TestIssuer(app);
        issuer.published.AddRange([issuer.Rsa, issuer.Ec]);
        app.MapGet("/.well-known/openid-configuration", () => Results.Text(
            new JsonObject { ["issuer"] = issuer.Url, ["jwks_uri"] = $"{issuer.Url}/jwks" }.ToJsonString()));
        app.MapGet("/jwks", () => Results.Text(
            new JsonObject { ["keys"] = new JsonArray([.. issuer.published.Select(key => key.ToJson())]) }
                .ToJsonString()));
        await app.StartAsync();
        issuer.Url = app.Urls.First();
        return issuer;
    }

    /// <summary>Publishes these keys from now on.</summary>
    public void Publish(params TestKey[] keys)
    {
        published.Clear();
        published.AddRange(keys);
    }

    public TestKey KeyFor(string algorithm) => algorithm[0] == 'E' ? Ec : Rsa;

    /// <summary>A header as it should be.</summary>
    public JsonObject Header(string algorithm) => new()
    {
        ["alg"] = algorithm, ["typ"] = "at+jwt", ["kid"] = KeyFor(algorithm).Id,
    };

    /// <summary>Claims as they should be.</summary>
    public JsonObject Claims(DateTimeOffset now) => new()
    {
        ["iss"] = Url,
        ["aud"] = "control-plane",
        ["sub"] = "alice",
        ["iat"] = now.ToUnixTimeSeconds(),
        ["nbf"] = now.ToUnixTimeSeconds(),
        ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
        ["scope"] = "fleet:read placements:read placements:write",
        ["roles"] = new JsonArray("tenant-user"),
        ["tenants"] = new JsonArray("t1"),
    };

    public string Token(string algorithm, DateTimeOffset now) =>
        Token(Header(algorithm).ToJsonString(), Claims(now).ToJsonString(), KeyFor(algorithm));

    /// <summary>Any text as header and payload, signed as the header says.</summary>
    public static string Token(string header, string payload, TestKey key)
    {
        var content = $"{Encode(header)}.{Encode(payload)}";
        var algorithm = (string?)JsonNode.Parse(header, documentOptions: new() { MaxDepth = 8 })?["alg"] ?? "";
        return $"{content}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(content), algorithm))}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        Rsa.Dispose();
        Ec.Dispose();
    }
}

/// <summary>A key that signs, with its public half as issuers publish it.</summary>
internal sealed class TestKey : IDisposable
{
    private readonly RSA? rsa;
    private readonly ECDsa? ec;

    private TestKey(string id, RSA? rsa, ECDsa? ec) => (Id, this.rsa, this.ec) = (id, rsa, ec);

    public string Id { get; }

    public static TestKey OfRsa(string id, int bits = 2048) => new(id, RSA.Create(bits), null);

    public static TestKey OfEc(string id) => new(id, null, ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>The public key in PEM, which a confused verifier takes for a shared secret.</summary>
    public string Pem => rsa?.ExportSubjectPublicKeyInfoPem() ?? ec!.ExportSubjectPublicKeyInfoPem();

    public byte[] Sign(byte[] content, string algorithm) => algorithm switch
    {
        "HS256" => HMACSHA256.HashData(Encoding.ASCII.GetBytes(Pem), content),
        "PS256" when rsa is not null => rsa.SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        "RS512" when rsa is not null => rsa.SignData(content, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
        _ when rsa is not null => rsa.SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        _ => ec!.SignData(content, HashAlgorithmName.SHA256),
    };

    public JsonObject ToJson()
    {
        if (rsa is not null)
        {
            var key = rsa.ExportParameters(false);
            return new JsonObject
            {
                ["kty"] = "RSA", ["use"] = "sig", ["kid"] = Id,
                ["n"] = Base64Url.EncodeToString(key.Modulus), ["e"] = Base64Url.EncodeToString(key.Exponent),
            };
        }

        var curve = ec!.ExportParameters(false);
        return new JsonObject
        {
            ["kty"] = "EC", ["use"] = "sig", ["kid"] = Id, ["crv"] = "P-256",
            ["x"] = Base64Url.EncodeToString(curve.Q.X), ["y"] = Base64Url.EncodeToString(curve.Q.Y),
        };
    }

    public void Dispose()
    {
        rsa?.Dispose();
        ec?.Dispose();
    }
}
