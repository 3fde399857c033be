using ControlPlane.Capacity;
using ControlPlane.Server.Database;
using Dapper;

namespace ControlPlane.Server.Capacity;

/// <summary>Reads and writes what was in use at each hour.</summary>
internal sealed class UsageStore(PostgresDatabase database)
{
    /// <summary>Days for which hours are kept; older ones become means of days.</summary>
    private const int HoursKeptDays = 90;

    /// <summary>Days for which anything is kept.</summary>
    private const int KeptDays = 5 * 366;

    /// <summary>Days that a forecast looks back.</summary>
    private const int PastDays = 2 * 366;

    /// <summary>Writes samples; an hour that is known already stays as it is.</summary>
    public Task<int> AddAsync(IEnumerable<UsageRow> rows, CancellationToken cancellation) => WriteAsync(
        rows, "measured", "on conflict (region, sku, hour) do nothing", cancellation);

    /// <summary>Writes what was measured elsewhere; our own samples are not written over.</summary>
    public Task<int> ImportAsync(IEnumerable<UsageRow> rows, CancellationToken cancellation) => WriteAsync(
        rows, "imported", """
            on conflict (region, sku, hour) do update set used_milli = excluded.used_milli
            where usage_hour.source = 'imported' and usage_hour.step_hours = 1
            """, cancellation);

    /// <summary>The newest hour that was sampled here; null before the first.</summary>
    public async Task<DateTimeOffset?> LastSampleAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenReadAsync(cancellation);
        var last = await connection.ExecuteScalarAsync<DateTime?>(new CommandDefinition(
            "select max(hour) from usage_hour where source = 'measured' and step_hours = 1",
            cancellationToken: cancellation));
        return last is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    /// <summary>Turns hours that are long past into means of days, and drops what is older than anything is
    /// kept.</summary>
    public async Task ThinAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        const string Thin = """
            with old as (
                delete from usage_hour where step_hours = 1 and hour < @hoursFrom
                returning region, sku, hour, used_milli, source)
            insert into usage_hour (region, sku, hour, step_hours, used_milli, source)
            select region, sku, date_trunc('day', hour, 'UTC'), 24, round(avg(used_milli)), min(source)
            from old group by region, sku, date_trunc('day', hour, 'UTC')
            on conflict (region, sku, hour) do update set step_hours = 24, used_milli = excluded.used_milli;
            """;
        await using var connection = await database.OpenWriteAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Thin, new { hoursFrom = Day(now).AddDays(-HoursKeptDays) }, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(
            "delete from usage_hour where hour < @keptFrom", new { keptFrom = Day(now).AddDays(-KeptDays) },
            cancellationToken: cancellation));
    }

    /// <summary>Means of days by region and model, the oldest first; the day that is not over is left out.</summary>
    public Task<List<UsageRow>> DaysAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        const string Days = """
            select region as Region, sku as Sku, date_trunc('day', hour, 'UTC') as Hour, 24 as StepHours,
                round(avg(used_milli))::bigint as UsedMilli, '' as Source
            from usage_hour where hour >= @from and hour < @until
            group by region, sku, date_trunc('day', hour, 'UTC') order by region, sku, 3
            """;
        return QueryAsync(Days, new { from = Day(now).AddDays(-PastDays), until = Day(now) }, cancellation);
    }

    /// <summary>A page of rows as they are kept, ordered by region, model and time.</summary>
    public Task<List<UsageRow>> ListAsync(
        (string? Region, string? Sku, Seq<string>? Seen) filter, (string After, int Limit) page,
        CancellationToken cancellation)
    {
        const string List = """
            select region as Region, sku as Sku, hour as Hour, step_hours::integer as StepHours,
                used_milli as UsedMilli,
                source as Source
            from usage_hour
            where (@region::text is null or region = @region) and (@sku::text is null or sku = @sku)
                and (@seen::text[] is null or region = any(@seen))
                and (@afterRegion = '' or (region, sku, hour) > (@afterRegion, @afterSku, @afterHour))
            order by region, sku, hour limit @limit
            """;
        var after = page.After.Split('\n');
        return QueryAsync(List, new
        {
            region = filter.Region,
            sku = filter.Sku,
            seen = filter.Seen?.ToArray(),
            afterRegion = after[0],
            afterSku = after.Length == 3 ? after[1] : "",
            afterHour = after.Length == 3 ? Instant(after[2]) : DateTime.UnixEpoch,
            limit = page.Limit,
        }, cancellation);
    }

    /// <summary>Whether anything is kept of a region or a model.</summary>
    public async Task<bool> HasAsync(
        (string? Region, string? Sku, Seq<string>? Seen) filter, CancellationToken cancellation) =>
        (await ListAsync(filter, ("", 1), cancellation)).Count > 0;

    /// <summary>What a page's token says of its last row.</summary>
    public static string MarkOf(UsageRow row) => $"{row.Region}\n{row.Sku?.Value}\n{row.Hour.UtcDateTime:O}";

    private static DateTime Instant(string text) => DateTime.Parse(
        text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.RoundtripKind);

    private async Task<List<UsageRow>> QueryAsync(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReadAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(sql, parameters, cancellationToken: cancellation));
        return [.. rows.Select(row => new UsageRow(
            new(row.Region), row.Sku.Length == 0 ? null : new SkuId(row.Sku), new DateTimeOffset(row.Hour,
                TimeSpan.Zero),
            row.UsedMilli) { StepHours = row.StepHours })];
    }

    private async Task<int> WriteAsync(
        IEnumerable<UsageRow> rows, string source, string onConflict, CancellationToken cancellation)
    {
        var all = rows.ToList();
        var sql = $"""
            insert into usage_hour (region, sku, hour, used_milli, source)
            select region, sku, hour, used, @source
            from unnest(@regions, @skus, @hours, @used) as given (region, sku, hour, used)
            {onConflict}
            """;
        await using var connection = await database.OpenWriteAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(sql, new
        {
            source,
            regions = all.ConvertAll(row => row.Region.Value).ToArray(),
            skus = all.ConvertAll(row => row.Sku?.Value ?? "").ToArray(),
            hours = all.ConvertAll(row => row.Hour.UtcDateTime).ToArray(),
            used = all.ConvertAll(row => row.UsedMilli).ToArray(),
        }, cancellationToken: cancellation));
    }

    private static DateTime Day(DateTimeOffset at) => DateTime.SpecifyKind(at.UtcDateTime.Date, DateTimeKind.Utc);

    private sealed record Row(string Region, string Sku, DateTime Hour, int StepHours, long UsedMilli, string Source);
}
