using ControlPlane.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Tells which request a tenant's key stood for: the index says where to look, the records what was asked.
/// </summary>
internal sealed class IdempotencyStore(LedgerStore store)
{
    /// <summary>
    /// The keys among these that are known already. Most are new, and then nothing is read. Null when one may be of a
    /// record behind the last that can be read.
    /// </summary>
    public async Task<Dictionary<(string Tenant, string Key), KnownKey>?> FindAsync(
        (KeyIndex Keys, long UpTo) index, IEnumerable<Place> requests, CancellationToken cancellation)
    {
        var known = new Dictionary<(string Tenant, string Key), KnownKey>();
        List<long>? positions = null;
        var asked = new List<(string Tenant, string Key)>();
        var found = new List<long>();
        foreach (var request in requests)
        {
            index.Keys.Find(request.KeyHash, found);
            if (found.Count == 0) continue;
            if (found.Exists(position => position > index.UpTo)) return null;
            asked.Add((request.Request.Tenant.Value, request.IdempotencyKey));
            (positions ??= []).AddRange(found);
            found.Clear();
        }

        if (positions is null) return known;
        var records = await store.ReadAtAsync(positions, cancellation);
        var wanted = asked.ToHashSet();
        foreach (var record in records.Values)
        {
            // Another key may have the same hash.
            var decided = (PlacementDecided)record.Event;
            var key = (decided.Request.Tenant.Value, decided.IdempotencyKey);
            if (wanted.Contains(key)) known[key] = new KnownKey(decided.RequestHash, record);
        }

        return known;
    }
}

/// <summary>What a known key stood for, and the record of its answer.</summary>
internal sealed record KnownKey(Seq<byte> RequestHash, LedgerRecord Record);
