using System.Text.Json;
using ControlPlane.Server.Hosting;
using Microsoft.IdentityModel.Tokens;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Identity;

/// <summary>
/// Holds the public keys of one issuer: fetched from its discovery document, fetched anew for a key that is not known
/// and every few minutes, and used up to a stated age while the issuer cannot be reached.
/// </summary>
internal sealed class IssuerKeys(IssuerSpec spec, HttpMessageInvoker http, TimeProvider clock, ILogger log)
    : IDisposable
{
    private const int MostBytes = 512 * 1024;
    private const int MostKeys = 100;
    private static readonly TimeSpan refreshEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan between = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan fetchLimit = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim turn = new(1);
    private volatile Fetched? fetched;
    private long triedAt = long.MinValue;

    public IssuerSpec Spec => spec;

    public void Dispose() => turn.Dispose();

    /// <summary>Changes whenever keys were fetched: what was validated with older ones is validated anew.</summary>
    public long Generation => fetched?.Generation ?? 0;

    /// <summary>The key, or why there is none.</summary>
    public async Task<KeyAnswer> FindAsync(string keyId, CancellationToken cancellation)
    {
        if (Fresh() is { } known && known.Keys.TryGetValue(keyId, out var key)) return new KeyFound(key);
        await RefreshAsync(cancellation);
        if (Usable() is not { } keys) return new KeysUnavailable();
        return keys.Keys.TryGetValue(keyId, out key) ? new KeyFound(key) : new KeyUnknown();
    }

    /// <summary>Whether what was validated with a generation of keys still counts.</summary>
    public bool Holds(long generation) => Usable() is { } keys && keys.Generation == generation;

    private Fetched? Fresh() => fetched is { } keys && clock.GetElapsedTime(keys.At) < refreshEvery ? keys : null;

    private Fetched? Usable() => fetched is { } keys
        && clock.GetElapsedTime(keys.At) < TimeSpan.FromMinutes(spec.KeysMayBeMinutesOld) ? keys : null;

    /// <summary>Fetches, but not more often than every so often, whoever asks with whatever key ids.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            if (triedAt != long.MinValue && clock.GetElapsedTime(triedAt) < between) return;
            triedAt = clock.GetTimestamp();
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(fetchLimit);
            var keys = await FetchAsync(limit.Token);
            fetched = new Fetched(keys, triedAt, (fetched?.Generation ?? 0) + 1);
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException or JsonException or FormatException
            || (lost is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            LogNotFetched(log, spec.Issuer, lost.Message);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<Dictionary<string, SecurityKey>> FetchAsync(CancellationToken cancellation)
    {
        var discovery = await GetAsync($"{spec.Issuer.TrimEnd('/')}/.well-known/openid-configuration", cancellation);
        if (TokenText.Member(discovery, "issuer") != spec.Issuer)
            throw new FormatException($"the discovery document is that of '{Shown.Text(discovery.ToString())}'");
        var set = await GetAsync(TokenText.Member(discovery, "jwks_uri"), cancellation);
        var keys = new Dictionary<string, SecurityKey>(StringComparer.Ordinal);
        foreach (var key in new JsonWebKeySet(set.GetRawText()).Keys.Take(MostKeys))
        {
            // Only public keys of kinds that sign; a shared secret in here would let everybody sign.
            if (key.Kty is "RSA" or "EC" && key.Use is null or "" or "sig" && !string.IsNullOrEmpty(key.Kid))
                keys.TryAdd(key.Kid, key);
        }

        return keys;
    }

    private async Task<JsonElement> GetAsync(string address, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || !IsAllowed(url))
            throw new FormatException($"'{Shown.Text(address)}' is no address to fetch keys from");
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        using var response = await http.SendAsync(request, cancellation);
        response.EnsureSuccessStatusCode();
        await response.Content.LoadIntoBufferAsync(MostBytes, cancellation);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync(cancellation));
    }

    /// <summary>In clear only on this machine.</summary>
    public static bool IsAllowed(Uri url) => url.Scheme == Uri.UriSchemeHttps
        || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback);

    private sealed record Fetched(Dictionary<string, SecurityKey> Keys, long At, long Generation);
}

/// <summary>What is known of a key.</summary>
internal abstract record KeyAnswer;

internal sealed record KeyFound(SecurityKey Key) : KeyAnswer;

internal sealed record KeyUnknown : KeyAnswer;

/// <summary>The issuer was never reached, or not for longer than its keys may be used.</summary>
internal sealed record KeysUnavailable : KeyAnswer;
