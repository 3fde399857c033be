using System.Collections.Concurrent;
using System.Security.Cryptography;
using ControlPlane.Server.Database;
using Dapper;
using Microsoft.IdentityModel.Tokens;

namespace ControlPlane.Server.Identity;

/// <summary>
/// Knows the public keys of all servers on the same database, so that what one vouches for counts at the others.
/// </summary>
internal sealed class ServerKeyStore(PostgresDatabase database, TimeProvider clock)
{
    private const int MostKnown = 1_000;
    private static readonly TimeSpan between = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, SecurityKey> known = new(StringComparer.Ordinal);
    private long askedAt = long.MinValue;

    public async Task AddAsync(ServerKey key, CancellationToken cancellation)
    {
        const string Add = """
            insert into server_key (key_id, public_key, recorded_at) values (@id, @publicKey, now())
            on conflict (key_id) do nothing
            """;
        await using var connection = await database.OpenReadAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Add, new { id = key.Id, publicKey = key.PublicKey }, cancellationToken: cancellation));
        known.TryAdd(key.Id, key.Security);
    }

    /// <summary>The key with an id; a flood of unknown ids asks the database once a second.</summary>
    public async Task<SecurityKey?> FindAsync(string keyId, CancellationToken cancellation)
    {
        if (known.TryGetValue(keyId, out var key)) return key;
        var asked = Interlocked.Read(ref askedAt);
        if (asked != long.MinValue && clock.GetElapsedTime(asked) < between) return null;
        Interlocked.Exchange(ref askedAt, clock.GetTimestamp());
        await LoadAsync(cancellation);
        return known.GetValueOrDefault(keyId);
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        const string Newest = "select public_key from server_key order by recorded_at desc limit @most";
        await using var connection = await database.OpenReadAsync(cancellation);
        var rows = await connection.QueryAsync<byte[]>(
            new CommandDefinition(Newest, new { most = MostKnown }, cancellationToken: cancellation));
        foreach (var row in rows)
        {
            var id = ServerKey.IdOf(row);
            if (known.ContainsKey(id)) continue;
            var read = ECDsa.Create();
            read.ImportSubjectPublicKeyInfo(row, out _);
            known.TryAdd(id, new ECDsaSecurityKey(read) { KeyId = id });
        }
    }
}
