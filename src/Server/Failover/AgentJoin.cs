using System.Security.Cryptography;
using System.Text;
using ControlPlane.Failover;
using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Failover;

/// <summary>
/// Lets agents join: a join token that an operator handed over binds an agent's key to its site; with the key the agent
/// proves itself from then on and gets short-lived credentials.
/// </summary>
internal sealed class AgentJoin(SiteStore store, ServerKey key, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromDays(1);
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(15);
    private readonly LocalIssuer issuer = new(key, clock);
    private byte[]? trial;

    /// <summary>
    /// Writes a token by which any declared site may join, any number of times; for a server that listens on this
    /// machine only, where every site is a simulated one.
    /// </summary>
    public void WriteTrialToken(string dataDirectory)
    {
        var token = NewToken();
        trial = DigestOf(token);
        ServerKey.WriteSecret(Path.Combine(dataDirectory, "identity", "join.token"), token);
    }

    /// <summary>A token by which one agent may join as one site, once, within a day.</summary>
    public async Task<(string Token, TimeSpan Lifetime)> IssueAsync(SiteId site, CancellationToken cancellation)
    {
        var token = NewToken();
        await store.AddTokenAsync(site, DigestOf(token), TokenLifetime, cancellation);
        return (token, TokenLifetime);
    }

    public async Task<(EnrolAnswer? Answer, string Refusal)> EnrolAsync(
        EnrolRequest request, CancellationToken cancellation)
    {
        if ((clock.GetUtcNow() - request.SignedAt).Duration() > MostSkew)
            return (null, $"the proof is not of this time; clocks may differ by {MostSkew.TotalMinutes:0} minutes");
        if (!IsProven(request)) return (null, "the proof does not stand for the key");
        if (request.JoinToken is { } token)
        {
            var digest = DigestOf(token);
            var isTrial = trial is { } any && CryptographicOperations.FixedTimeEquals(any, digest);
            if (!await store.JoinAsync(request.Site, isTrial ? null : digest, request.PublicKey, cancellation))
                return (null, "the join token is not known, was used, has run out, or is another site's");
        }
        else if (await store.FindKeyAsync(request.Site, cancellation) != request.PublicKey)
            return (null, "no agent of the site enrolled with this key; a join token is needed");

        return (new EnrolAnswer(request.Site, CredentialOf(request.Site), (long)Lifetime.TotalSeconds), "");
    }

    private string CredentialOf(SiteId site) => issuer.Mint(new Dictionary<string, object>
    {
        ["iss"] = OwnIssuer.Credentials,
        ["sub"] = $"agent-of-{site}",
        ["roles"] = new[] { Role.SiteAgent.Name },
        ["scope"] = Permission.SiteServe.Scope,
        ["site"] = site.Value,
        ["exp"] = clock.GetUtcNow().Add(Lifetime).ToUnixTimeSeconds(),
    });

    private static bool IsProven(EnrolRequest request)
    {
        try
        {
            using var agent = ECDsa.Create();
            agent.ImportSubjectPublicKeyInfo(Convert.FromBase64String(request.PublicKey), out _);
            return agent.VerifyData(
                Encoding.UTF8.GetBytes(request.Proof), Convert.FromBase64String(request.Signature),
                HashAlgorithmName.SHA256);
        }
        catch (Exception malformed) when (malformed is FormatException or CryptographicException)
        {
            return false;
        }
    }

    private static string NewToken() => $"cplane-join-{RandomNumberGenerator.GetHexString(48, lowercase: true)}";

    private static byte[] DigestOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
