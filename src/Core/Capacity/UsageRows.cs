namespace ControlPlane.Capacity;

/// <summary>
/// What was in use in one region at a full hour: thousandths of accelerators of a model, or milliwatts of facility
/// power where there is no model.
/// </summary>
public sealed record UsageRow(RegionId Region, SkuId? Sku, DateTimeOffset Hour, long UsedMilli)
{
    /// <summary>Hours that the amount is the mean of; 1 or 24.</summary>
    public int StepHours { get; init; } = 1;
}

/// <summary>Takes a sample of what is in use, and makes series of samples.</summary>
public static class UsageRows
{
    /// <summary>Days without a sample that are bridged by the value before them; a longer gap starts the series
    /// anew.</summary>
    private const int MostGapSteps = 7;

    /// <summary>What is in use now in every region that has accelerators, as of a full hour.</summary>
    public static Seq<UsageRow> Of(World world, DateTimeOffset hour)
    {
        var bySku = world.Fleet.Pools.Where(pool => pool.Sku is not null)
            .GroupBy(pool => (pool.Region.Id, Sku: pool.Sku!.Id)) // those without were left out above
            .Select(group => new UsageRow(group.Key.Id, group.Key.Sku, hour, group.Sum(pool =>
                pool.AcceleratorMilli - world.Nodes.FreeAcceleratorMilli(pool.Index))));
        var power = world.Fleet.Sites.GroupBy(site => site.Region.Id)
            .Select(group => new UsageRow(
                group.Key, null, hour, group.Sum(site => world.SiteMilliwatts(site.Index))));
        return bySku.Concat(power).OrderBy(row => row.Region).ThenBy(row => row.Sku?.Value, StringComparer.Ordinal)
            .ToSeq();
    }

    /// <summary>Series in accelerators and megawatts, of rows ordered by time, one step apart or with short
    /// gaps.</summary>
    public static Seq<RegionUsage> Series(IEnumerable<UsageRow> rows, TimeSpan step) => rows
        .GroupBy(row => (row.Region, row.Sku))
        .OrderBy(group => group.Key.Region).ThenBy(group => group.Key.Sku?.Value, StringComparer.Ordinal)
        .Select(group => new RegionUsage(group.Key.Region, group.Key.Sku, SeriesOf([.. group], step)))
        .ToSeq();

    /// <summary>Series of means of days, of rows of any hours of them.</summary>
    public static Seq<RegionUsage> Days(IEnumerable<UsageRow> rows) => Series(
        rows.GroupBy(row => (row.Region, row.Sku, Day: new DateTimeOffset(row.Hour.UtcDateTime.Date, TimeSpan.Zero)))
            .Select(day => new UsageRow(
                day.Key.Region, day.Key.Sku, day.Key.Day, (long)Math.Round(day.Average(row => (double)row.UsedMilli))))
            .OrderBy(row => row.Hour),
        TimeSpan.FromDays(1));

    private static UsageSeries SeriesOf(List<UsageRow> rows, TimeSpan step)
    {
        var (start, values) = (rows[0].Hour, new List<double>());
        foreach (var row in rows)
        {
            var missing = (int)((row.Hour - start) / step) - values.Count;
            if (missing > MostGapSteps) (start, values, missing) = (row.Hour, [], 0);
            if (missing < 0) continue;
            for (; missing > 0; missing--) values.Add(values[^1]);
            values.Add(row.UsedMilli / (row.Sku is null ? 1e9 : 1e3));
        }

        return new UsageSeries(start, step, values.ToSeq());
    }
}
