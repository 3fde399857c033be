using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace ControlPlane.Bench.Http;

/// <summary>Signs tokens for a server under load with the key of its own data directory.</summary>
internal static class BenchToken
{
    /// <summary>One of somebody who speaks for a single tenant.</summary>
    public static string Of(string dataDirectory, string tenant)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(dataDirectory, "identity", "server-key.pem")));
        var id = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..KeyIdLength];
        var until = DateTimeOffset.UtcNow.AddHours(12).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signed = $"{Part(new { alg = "ES256", typ = "at+jwt", kid = id })}."
            + Part(new Dictionary<string, object>
            {
                ["iss"] = "urn:control-plane:local",
                ["aud"] = "control-plane",
                ["sub"] = $"bench-{tenant}",
                ["roles"] = new[] { "tenant-user" },
                ["tenants"] = new[] { tenant },
                ["scope"] = "placements:write placements:plan placements:read",
                ["exp"] = long.Parse(until, CultureInfo.InvariantCulture),
            });
        var signature = key.SignData(System.Text.Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private const int KeyIdLength = 16; // as the server names its keys

    private static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
