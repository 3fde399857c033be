namespace ControlPlane.Capacity;

/// <summary>
/// Finds the last time at which a series went to quite another level and stayed there. What was before then tells
/// nothing about what is now: neither how use goes on nor how far a forecast may err.
/// </summary>
internal static class LevelShift
{
    /// <summary>Days before and after that are compared; a week, so that weekends are on both sides.</summary>
    private const int Days = 7;

    /// <summary>Each of the days after is more than this many times each of the days before, or less by it.</summary>
    private const double Factor = 2;

    /// <summary>The part of a series since its last shift; all of it when there was none.</summary>
    public static UsageSeries Present(UsageSeries series)
    {
        var daily = series.Daily();
        if (LastIn(daily.Values.Span) is not { } day) return series;
        var first = (int)((daily.Start + (daily.Step * day) - series.Start) / series.Step);
        return series.From(first);
    }

    /// <summary>The first day of the newest level.</summary>
    private static int? LastIn(ReadOnlySpan<double> days)
    {
        for (var day = days.Length - Days; day > Days; day--)
        {
            if (!IsShift(days, day)) continue;
            // The day of the change itself is on neither side, so the next one looks like a change as well.
            return IsShift(days, day - 1) ? day - 1 : day;
        }

        return null;
    }

    /// <summary>Whether the week from a day on is another level than the week that ended a day before it.</summary>
    private static bool IsShift(ReadOnlySpan<double> days, int day)
    {
        if (day <= Days) return false;
        var (before, after) = (RangeOf(days[(day - 1 - Days)..(day - 1)]), RangeOf(days[day..(day + Days)]));
        return after.Least > Factor * before.Most || before.Least > Factor * after.Most;
    }

    private static (double Least, double Most) RangeOf(ReadOnlySpan<double> values)
    {
        var (least, most) = (double.MaxValue, 0.0);
        foreach (var value in values) (least, most) = (Math.Min(least, value), Math.Max(most, value));
        return (least, most);
    }
}
