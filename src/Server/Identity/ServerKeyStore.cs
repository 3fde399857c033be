using System.Collections.Concurrent;
using System.Security.Cryptography;
using ControlPlane.Server.Database;
using Dapper;
using Microsoft.IdentityModel.Tokens;

namespace ControlPlane.Server.Identity;

/// <summary>
/// Knows the public keys of all servers on the same database, so that what one vouches for counts at the others.
/// </summary>
internal sealed class ServerKeyStore(PostgresDatabase database, TimeProvider clock) : IDisposable
{
    private const int MostKnown = 1_000;
    private static readonly TimeSpan between = TimeSpan.FromMilliseconds(50);
    private readonly SemaphoreSlim turn = new(1);
    private readonly ConcurrentDictionary<string, SecurityKey> known = new(StringComparer.Ordinal);
    private long askedAt = long.MinValue;

    public void Dispose() => turn.Dispose();

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

    /// <summary>
    /// The key with an id. One at a time asks the database and the others wait for it, so that a key that is new is
    /// known to all of them; a flood of ids that nobody knows asks twenty times a second.
    /// </summary>
    public async Task<SecurityKey?> FindAsync(string keyId, CancellationToken cancellation)
    {
        if (known.TryGetValue(keyId, out var key)) return key;
        await turn.WaitAsync(cancellation);
        try
        {
            if (known.TryGetValue(keyId, out key)) return key;
            var early = askedAt == long.MinValue ? TimeSpan.Zero : between - clock.GetElapsedTime(askedAt);
            if (early > TimeSpan.Zero) await Task.Delay(early, clock, cancellation);
            askedAt = clock.GetTimestamp();
            await LoadAsync(cancellation);
            return known.GetValueOrDefault(keyId);
        }
        finally
        {
            turn.Release();
        }
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
