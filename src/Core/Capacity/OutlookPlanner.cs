using ControlPlane.Policies;
using ControlPlane.Regions;

namespace ControlPlane.Capacity;

/// <summary>Past use of one region: accelerators of a model, or megawatts of facility power where there is
/// none.</summary>
public sealed record RegionUsage(RegionId Region, SkuId? Sku, UsageSeries Past);

/// <summary>How far to look ahead, and how long an order takes.</summary>
public sealed record OutlookQuestion(int Days, TimeSpan AcceleratorLeadTime, TimeSpan PowerLeadTime)
{
    /// <summary>Looks farther ahead than accelerators take to come, or every order would be late.</summary>
    public static OutlookQuestion Usual { get; } = new(180, TimeSpan.FromDays(16 * 7), TimeSpan.FromDays(52 * 7));
}

/// <summary>Goes on from past use of every region and model, and holds it against what there will be.</summary>
public static class OutlookPlanner
{
    /// <summary>Steps to look ahead within which hours are told apart; farther ahead only days.</summary>
    private const int MostHours = 7 * 24;

    public static Seq<Outlook> Plan(
        World world, Law law, IEnumerable<RegionUsage> past, (OutlookQuestion Question, DateTimeOffset AsOf) at)
    {
        var room = new RegionRoom(world, law, at.AsOf);
        return past.Where(usage => world.Fleet.FindRegion(usage.Region) is not null)
            .Select(usage => OutlookOf(room, (world.Fleet.FindRegion(usage.Region)!, usage), at.Question)) // as above
            .OrderBy(item => item.Region).ThenBy(item => item.Sku?.Value, StringComparer.Ordinal).ToSeq();
    }

    private static Outlook OutlookOf(
        RegionRoom room, (FleetRegion Region, RegionUsage Usage) of, OutlookQuestion question)
    {
        var (region, (_, sku, past)) = of;
        var (limits, overflow) = (room.LimitsOf(region, sku), room.OverflowOf(region, sku));
        var reserved = room.ReservedOf(region, sku);
        var forecast = Forecast.Of(past, Steps(LevelShift.Present(past), question.Days));
        return new Outlook
        {
            Region = region.Id,
            Sku = sku,
            Past = past,
            Forecast = forecast is ForecastMade made
                ? made.Within(instant => Outlook.LimitAt(limits, instant) + reserved)
                : forecast,
            Limits = limits,
            Reserved = reserved,
            Exhaustion = ExhaustedBy(forecast, limits, 0),
            BeyondOverflow = ExhaustedBy(forecast, limits, overflow),
            LeadTime = sku is null ? question.PowerLeadTime : question.AcceleratorLeadTime,
            LawfulOverflow = overflow,
            PerNode = room.NodeSizeOf(region, sku),
        };
    }

    /// <summary>As many steps as are asked for, or as the past allows.</summary>
    private static int Steps(UsageSeries past, int days)
    {
        var asked = (int)Math.Min(MostHours * 10L, TimeSpan.FromDays(days).Ticks / past.Step.Ticks);
        return Math.Max(1, Math.Min(asked, past.Values.Count / Forecast.HistoryPerHorizon));
    }

    private static Exhaustion ExhaustedBy(Forecast forecast, Seq<LimitPhase> limits, double overflow) =>
        forecast is ForecastMade made
            ? made.ExhaustedBy(instant => Outlook.Full * (Outlook.LimitAt(limits, instant) + overflow))
            : default;
}
