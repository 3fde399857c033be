using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Server.Database;
using ControlPlane.Server.Ledger;
using ControlPlane.Workloads;
using Dapper;

namespace ControlPlane.Server.Capacity;

/// <summary>
/// Reads which requests still wait: refused lately for want of room or quota, or ended lately to make room for others,
/// and not placed since under their name.
/// </summary>
internal sealed class WaitingStore(PostgresDatabase database, LedgerStore ledger)
{
    /// <summary>Requests that are read at most, the newest first.</summary>
    private const int MostWaiting = 2_000;

    /// <summary>What was refused for one of these would be placed if there were more; law is not waited out.</summary>
    private static readonly Seq<string> waitsFor =
        [RefusalReason.NoCapacity, RefusalReason.LossUnsurvivable,
            RefusalReason.QuotaExceeded, RefusalReason.NoCapableHardware,
            RefusalReason.NoActiveSite];

    public async Task<Seq<PlacementRequest>> ReadAsync(DateTimeOffset since, CancellationToken cancellation)
    {
        const string Newest = """
            select position from (
                select distinct on (tenant, workload) position, outcome, placement_state
                from decision where decided_at >= @since order by tenant, workload, position desc) newest
            where outcome = 'refused' or placement_state = 'preempted' order by position desc limit @limit
            """;
        List<long> positions;
        await using (var connection = await database.OpenReadAsync(cancellation))
        {
            positions = (await connection.QueryAsync<long>(
                new CommandDefinition(Newest, new { since, limit = MostWaiting }, cancellationToken: cancellation)))
                .AsList();
        }

        var records = await ledger.ReadAtAsync(positions, cancellation);
        return records.OrderBy(record => record.Key)
            .Select(record => record.Value.Event)
            .OfType<PlacementDecided>()
            .Where(decided => decided.Decision is not Refused refused || waitsFor.Contains(refused.Reason))
            .Select(decided => decided.Request)
            .ToSeq();
    }
}
