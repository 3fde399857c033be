using ControlPlane.Server.Database;
using Dapper;

namespace ControlPlane.Server.Capacity;

/// <summary>Reads which sites have an agent that has not looked for too long.</summary>
internal sealed class LookStore(PostgresDatabase database)
{
    public async Task<Seq<SiteId>> StaleAsync(int seconds, CancellationToken cancellation)
    {
        // A site whose agent renewed and never reported has not looked at all.
        const string Silent = """
            select lease.site from site_lease lease left join site_report report on report.site = lease.site
            where coalesce(report.received_at, lease.renewed_at) < clock_timestamp() - make_interval(secs => @seconds)
            order by lease.site
            """;
        await using var connection = await database.OpenReadAsync(cancellation);
        var sites = await connection.QueryAsync<string>(
            new CommandDefinition(Silent, new { seconds }, cancellationToken: cancellation));
        return sites.Select(site => new SiteId(site)).ToSeq();
    }
}
