using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Server.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ControlPlane.Server.Identity;

/// <summary>
/// Decides whether a bearer token is to be believed, and who its caller is then. What was believed is remembered until
/// the token runs out or the keys of its issuer change.
/// </summary>
internal sealed class TokenReader(Seq<TrustedIssuer> issuers, TimeProvider clock)
{
    /// <summary>Clocks may differ by this much.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(5);

    private const int MostRemembered = 10_000;
    private static readonly TimeSpan keysRetry = TimeSpan.FromSeconds(5);

    private readonly JsonWebTokenHandler handler = new() { MaximumTokenSizeInBytes = TokenText.MostLetters };
    private readonly ConcurrentDictionary<string, Believed> remembered = new(StringComparer.Ordinal);

    public async Task<TokenAnswer> ReadAsync(string text, CancellationToken cancellation)
    {
        if (text.Length > TokenText.MostLetters)
        {
            return new TokenRefused(ProblemCatalog.TokenTooLarge,
                $"the token has {text.Length} letters; the limit is {TokenText.MostLetters}");
        }

        var now = clock.GetUtcNow();
        if (remembered.TryGetValue(text, out var known) && known.Issuer.Holds(known.Generation))
            return known.Time.Problem(now) is { } late ? late : new TokenAccepted(known.Caller);
        if (TokenText.Parse(text) is not { } token) return Invalid;
        if (issuers.FirstOrDefault(trusted => trusted.Spec.Issuer == token.Issuer) is not { } issuer) return Invalid;
        if (!issuer.Spec.Algorithms.Contains(token.Algorithm) || !IsAccessToken(issuer.Spec, token)) return Invalid;
        var generation = issuer.Generation;
        switch (await issuer.FindAsync(token.KeyId, cancellation))
        {
            case KeysUnavailable:
                return new TokenRefused(
                    ProblemCatalog.KeysUnavailable, "the issuer of the token cannot be asked for its keys")
                {
                    RetryAfter = keysRetry,
                };
            case KeyFound { Key: var key } when Fits(key, token.Algorithm) && await IsSoundAsync(token, issuer, key):
                break;
            default:
                return Invalid;
        }

        if (TokenTime.Of(token.Payload) is not { } time) return Invalid;
        if (time.Problem(now) is { } wrongTime) return wrongTime;
        if (CallerClaims.Read(token.Payload, issuer.Spec) is not { } caller) return Invalid;
        Remember(text, new Believed(caller, time, issuer, Math.Max(generation, issuer.Generation)));
        return new TokenAccepted(caller);
    }

    /// <summary>Whatever is wrong, the answer is the same: it helps nobody to forge a better one.</summary>
    private static TokenRefused Invalid =>
        new(ProblemCatalog.TokenInvalid, "the token is not one that this server believes");

    private static bool IsAccessToken(IssuerSpec issuer, TokenText token) =>
        issuer.TokenTypes.Any(type => string.Equals(type, token.Type, StringComparison.OrdinalIgnoreCase));

    /// <summary>A key is used for its own kind of signature only.</summary>
    private static bool Fits(SecurityKey key, string algorithm) => key switch
    {
        JsonWebKey { Alg: { Length: > 0 } alg } when alg != algorithm => false,
        JsonWebKey { Kty: "RSA" } => algorithm is "RS256" or "RS384" or "RS512" or "PS256" or "PS384" or "PS512"
            && key.KeySize >= 2048,
        JsonWebKey { Kty: "EC", Crv: var curve } =>
            (algorithm, curve) is ("ES256", "P-256") or ("ES384", "P-384") or ("ES512", "P-521"),
        ECDsaSecurityKey => algorithm == "ES256",
        _ => false,
    };

    private async Task<bool> IsSoundAsync(TokenText token, TrustedIssuer issuer, SecurityKey key) =>
        (await handler.ValidateTokenAsync(token.Text, new TokenValidationParameters
        {
            ValidIssuer = issuer.Spec.Issuer,
            ValidAudience = issuer.Spec.Audience,
            IssuerSigningKey = key,
            ValidAlgorithms = [token.Algorithm],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            TryAllIssuerSigningKeys = false,
            // Told apart from other faults, and with the same clock as everything else.
            ValidateLifetime = false,
        })).IsValid;

    private void Remember(string text, Believed believed)
    {
        if (remembered.Count >= MostRemembered) remembered.Clear();
        remembered[text] = believed;
    }

    private sealed record Believed(Caller Caller, TokenTime Time, TrustedIssuer Issuer, long Generation);
}

/// <summary>What became of a token.</summary>
internal abstract record TokenAnswer;

internal sealed record TokenAccepted(Caller Caller) : TokenAnswer;

internal sealed record TokenRefused(ProblemKind Kind, string Detail) : TokenAnswer
{
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>From when until when a token counts.</summary>
internal sealed record TokenTime(DateTimeOffset NotBefore, DateTimeOffset Expires)
{
    // Later instants do not exist in .NET; a token that claims one is no sound token.
    private const double MostSeconds = 253_402_300_799;

    /// <summary>Null when it does not say, or says what is no instant.</summary>
    public static TokenTime? Of(JsonElement payload)
    {
        if (Instant(payload, "exp") is not { } expires) return null;
        var notBefore = payload.TryGetProperty("nbf", out _) ? Instant(payload, "nbf") : DateTimeOffset.MinValue;
        return notBefore is { } from ? new TokenTime(from, expires) : null;
    }

    /// <summary>Why it does not count now; null when it does.</summary>
    public TokenRefused? Problem(DateTimeOffset now)
    {
        if (now >= Expires.Add(TokenReader.Skew)) return Of($"the token ran out {Seconds(now - Expires)} s ago");
        return NotBefore > now.Add(TokenReader.Skew)
            ? Of($"the token counts in {Seconds(NotBefore - now)} s only")
            : null;
    }

    private static TokenRefused Of(string detail) => new(ProblemCatalog.TokenTime, detail);

    private static string Seconds(TimeSpan span) =>
        Math.Ceiling(span.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);

    private static DateTimeOffset? Instant(JsonElement payload, string name) =>
        payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
        && value.TryGetDouble(out var seconds) && seconds is >= 0 and <= MostSeconds
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;
}
