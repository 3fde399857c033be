using System.Security.Cryptography;
using ControlPlane.Ledger;
using Dapper;

namespace ControlPlane.Server.Ledger;

internal sealed partial class LedgerStore
{
    public async Task SaveSnapshotAsync(Snapshot snapshot)
    {
        const string Add = """
            insert into ledger_snapshot (position, head_hash, digest, taken_at, body)
            values (@position, @headHash, @digest, @at, @body) on conflict (position) do nothing
            """;
        await using var connection = await database.OpenWriteAsync(CancellationToken.None);
        await connection.ExecuteAsync(Add, new
        {
            position = snapshot.Position, headHash = snapshot.HeadHash.Span.ToArray(),
            digest = SHA256.HashData(snapshot.Body), at = snapshot.At, body = snapshot.Body,
        });
    }

    /// <summary>
    /// Deletes snapshots that stand close to others, closer the older they are. The two newest stay, the one that the
    /// tables would be followed from, and the one from which the ledger goes on after what was let go.
    /// </summary>
    public async Task ThinSnapshotsAsync()
    {
        await using var connection = await database.OpenWriteAsync(CancellationToken.None);
        var positions = (await connection.QueryAsync<long>(
            "select position from ledger_snapshot order by position desc")).AsList();
        var tables = await connection.ExecuteScalarAsync<long>("select position from projection_head");
        var goesOnAt = await connection.ExecuteScalarAsync<long?>("select up_to from ledger_retention");
        var gone = TooClose(positions, tables).Where(position => position != goesOnAt).ToArray();
        await connection.ExecuteAsync("delete from ledger_snapshot where position = any(@gone)", new { gone });
    }

    /// <summary>Of snapshots, newest first, those to delete.</summary>
    internal static long[] TooClose(IReadOnlyList<long> positions, long tables)
    {
        const int AgePerGap = 4;
        const int Newest = 2;
        var gone = new List<long>();
        long kept = 0;
        var (count, followed) = (0, false);
        foreach (var position in positions)
        {
            var follows = !followed && position <= tables;
            if (count < Newest || follows || kept - position >= (positions[0] - position) / AgePerGap)
            {
                (kept, count, followed) = (position, count + 1, followed || follows);
                continue;
            }

            gone.Add(position);
        }

        return [.. gone];
    }

    /// <summary>
    /// The newest snapshot up to a position whose digest is right; the empty state when there is none.
    /// </summary>
    public async Task<LedgerState> LoadSnapshotAsync(long atMost, CancellationToken cancellation)
    {
        const string Newest = """
            select digest as Digest, body as Body from ledger_snapshot
            where position <= @atMost and position in (
                (select position from ledger_snapshot where position <= @atMost order by position desc limit @limit)
                union select up_to from ledger_retention)
            order by position desc
            """;
        const int Tries = 2;
        await using var connection = await database.OpenReadAsync(cancellation);
        var rows = await connection.QueryAsync<(byte[] Digest, byte[] Body)>(
            new CommandDefinition(Newest, new { atMost, limit = Tries }, cancellationToken: cancellation));
        foreach (var (digest, body) in rows)
        {
            // A damaged snapshot is only a slower start: the ledger itself has everything.
            if (!SHA256.HashData(body).AsSpan().SequenceEqual(digest)) continue;
            try
            {
                return LedgerSnapshot.Read(fleets, body);
            }
            catch (LedgerFormatException)
            {
                // Sound, but of a version with another form: likewise.
            }
        }

        return new LedgerState(fleets);
    }
}
