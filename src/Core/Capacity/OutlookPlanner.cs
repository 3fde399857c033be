using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;

namespace ControlPlane.Capacity;

/// <summary>Past use of one region: accelerators of a model, or megawatts of facility power where there is
/// none.</summary>
public sealed record RegionUsage(RegionId Region, SkuId? Sku, UsageSeries Past);

/// <summary>How far to look ahead, and how long an order takes.</summary>
public sealed record OutlookQuestion(int Days, TimeSpan AcceleratorLeadTime, TimeSpan PowerLeadTime)
{
    public static OutlookQuestion Usual { get; } = new(90, TimeSpan.FromDays(16 * 7), TimeSpan.FromDays(52 * 7));
}

/// <summary>Goes on from past use of every region and model, and holds it against what there will be.</summary>
public static class OutlookPlanner
{
    /// <summary>Steps to look ahead within which hours are told apart; farther ahead only days.</summary>
    private const int MostHours = 7 * 24;

    public static Seq<Outlook> Plan(
        World world, Law law, IEnumerable<RegionUsage> past, (OutlookQuestion Question, DateTimeOffset AsOf) at)
    {
        var outlooks = new List<Outlook>();
        foreach (var usage in past.Where(usage => world.Fleet.FindRegion(usage.Region) is not null))
        {
            var region = world.Fleet.FindRegion(usage.Region)!; // known from the line above
            var limits = usage.Sku is { } sku ? Accelerators(world, region, sku) : Power(world, region, at.AsOf);
            var forecast = Forecast.Of(usage.Past, Steps(usage.Past, at.Question.Days));
            outlooks.Add(new Outlook
            {
                Region = usage.Region,
                Sku = usage.Sku,
                Past = usage.Past,
                Forecast = forecast,
                Limits = limits,
                Exhaustion = forecast is ForecastMade made
                    ? made.ExhaustedBy(instant => Outlook.LimitAt(limits, instant))
                    : default,
                LeadTime = usage.Sku is null ? at.Question.PowerLeadTime : at.Question.AcceleratorLeadTime,
                LawfulOverflow = OverflowOf(world, law, (region, usage.Sku), at.AsOf),
            });
        }

        return outlooks.OrderBy(item => item.Region).ThenBy(item => item.Sku?.Value, StringComparer.Ordinal).ToSeq();
    }

    /// <summary>Days as means of whole days, for looking farther ahead than hours can be told apart.</summary>
    public static UsageSeries Daily(UsageSeries series)
    {
        var perDay = series.StepsOf(TimeSpan.FromDays(1));
        if (perDay <= 1) return series;
        var first = series.Values.Count % perDay;
        var days = series.Values.Skip(first).Chunk(perDay).Select(day => day.Average());
        return new UsageSeries(series.Start + (series.Step * first), TimeSpan.FromDays(1), days.ToSeq());
    }

    /// <summary>As many steps as are asked for, or as the past allows.</summary>
    private static int Steps(UsageSeries past, int days)
    {
        var asked = (int)Math.Min(MostHours * 10L, TimeSpan.FromDays(days).Ticks / past.Step.Ticks);
        return Math.Max(1, Math.Min(asked, past.Values.Count / Forecast.HistoryPerHorizon));
    }

    private static Seq<LimitPhase> Accelerators(World world, FleetRegion region, SkuId sku) =>
    [
        new(DateTimeOffset.MinValue, world.Fleet.Pools
            .Where(pool => pool.Region == region && pool.Sku?.Id == sku && Placer.IsActive(pool.Site))
            .Sum(pool => pool.AcceleratorMilli) / 1000.0),
    ];

    private static Seq<LimitPhase> Power(World world, FleetRegion region, DateTimeOffset asOf)
    {
        var sites = world.Fleet.Sites.Where(site => site.Region == region && Placer.IsActive(site)).ToList();
        double At(DateTimeOffset instant) => sites.Sum(site => site.FacilityMilliwattsAt(instant)) / 1e9;
        var later = sites.SelectMany(site => site.Spec.Power.Phases)
            .Select(phase => new DateTimeOffset(phase.From.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero))
            .Where(from => from > asOf).Distinct().Order();
        return [new(DateTimeOffset.MinValue, At(asOf)), .. later.Select(from => new LimitPhase(from, At(from)))];
    }

    private static double OverflowOf(
        World world, Law law, (FleetRegion Region, SkuId? Sku) of, DateTimeOffset asOf)
    {
        var users = world.Placements
            .Where(placement => placement.Units.Any(unit => IsHere(world.Fleet.FindPool(unit.Node.Pool)!, of)))
            .Select(placement => LawSubject.Of(placement.Request))
            .Distinct()
            .Select(subject => law.LawfulPools(subject, asOf))
            .ToList();
        var open = world.Fleet.Pools.Where(pool => pool.Region != of.Region && Placer.IsActive(pool.Site)
            && (of.Sku is null || pool.Sku?.Id == of.Sku) && users.TrueForAll(lawful => lawful.Contains(pool.Index)));
        return of.Sku is null
            ? open.Select(pool => pool.Site).Distinct().Sum(site => PowerFigures.Of(world, site,
                asOf).FreeMilliwatts) / 1e9
            : open.Sum(pool => world.Nodes.FreeAcceleratorMilli(pool.Index)) / 1000.0;
    }

    private static bool IsHere(FleetPool pool, (FleetRegion Region, SkuId? Sku) of) =>
        pool.Region == of.Region && (of.Sku is null || pool.Sku?.Id == of.Sku);
}
