using System.Globalization;

namespace ControlPlane.Capacity.Board;

/// <summary>Draws one outlook: the past, what may come with its interval, and what there is.</summary>
internal static class OutlookChart
{
    private const int Width = 420;
    private const int Height = 190;
    private const int Left = 44;
    private const int Right = 412;
    private const int Top = 14;
    private const int Bottom = 160;

    /// <summary>Values of the past that are drawn for each of the future, and at least.</summary>
    private const int PastForFuture = 3;

    private const int LeastPast = 60;

    /// <summary>Room that the name of a month takes.</summary>
    private const int MonthWidth = 44;

    private static readonly int[] MonthSteps = [1, 2, 3, 6, 12];

    /// <summary>What there is for each that is used, from which on it is written and not drawn.</summary>
    private const double PlentyForUsed = 4;

    public static string Of(Outlook outlook, string title)
    {
        var svg = new SvgText(Width, Height, title);
        var points = outlook.Forecast is ForecastMade made ? made.Points : [];
        var past = Past(outlook, points.Count).ToList();
        var (first, last) = (past[0].At, points.Count > 0 ? points[^1].At : outlook.Past.End);
        var used = Math.Max(
            past.Max(item => item.Value), points.Select(point => point.P90 ?? point.P50).DefaultIfEmpty(0).Max());
        var limits = LimitLine(outlook, first, last).ToList();
        var limit = limits.Max(item => item.Value);
        // What there is in plenty would press the rest to the floor; it is written instead.
        var inPlenty = used > 0 && limit > PlentyForUsed * used;
        var most = BoardCharts.Ceiling(1.05 * (inPlenty ? used : Math.Max(used, limit)));
        double X(DateTimeOffset at) => Left + ((Right - Left) * (at - first).TotalHours / (last - first).TotalHours);
        double Y(double value) => Bottom - ((Bottom - Top) * value / most);
        foreach (var line in (double[])[0, most / 2, most])
        {
            svg.Line((Left, Y(line)), (Right, Y(line)), "stroke=\"#dde2e8\"");
            svg.Words((Left - 6, Y(line) + 4), BoardCharts.Amount(line), "axis end");
        }

        Months(svg, (first, last), X);
        Course(svg, (past, points), X, Y);
        var there = outlook.Sku is null ? $"{BoardCharts.Amount(limits[0].Value)} MW contracted"
            : outlook.Reserved < 0.5 ? $"{BoardCharts.Amount(limits[0].Value)} installed"
            : $"{BoardCharts.Amount(limits[0].Value)} usable of "
                + $"{BoardCharts.Amount(limits[0].Value + outlook.Reserved)} installed";
        if (inPlenty)
        {
            svg.Words((Left + 4, Top + 12), there + ", far above", "axis");
        }
        else
        {
            svg.Path(
                limits.Select(item => (X(item.At), Y(item.Value))),
                "fill=\"none\" stroke=\"#16202b\" stroke-width=\"1.6\" stroke-dasharray=\"6 4\"");
            var at = Y(limits[0].Value);
            svg.Words((Left + 4, at < Top + 14 ? at + 13 : at - 5), there, "axis");
        }

        if (outlook.RunsOut is { } full && full >= first)
            svg.Line((X(full), Top), (X(full), Bottom), "stroke=\"#b23b3b\" stroke-width=\"1.6\"");
        Today(svg, X(outlook.Past.End));
        return svg.ToString();
    }

    private static void Course(
        SvgText svg, (List<(DateTimeOffset At, double Value)> Past, Seq<ForecastPoint> Points) course,
        Func<DateTimeOffset, double> x, Func<double, double> y)
    {
        var stated = course.Points.Where(point => point.P90 is not null).ToList();
        if (stated.Count > 0)
        {
            svg.Path(
                [.. stated.Select(point => (x(point.At), y(point.P90 ?? 0))),
                    .. stated.AsEnumerable().Reverse().Select(point => (x(point.At), y(point.P10 ?? 0)))],
                "fill=\"#f0c489\" fill-opacity=\"0.75\"", closed: true);
        }

        svg.Path(course.Past.Select(item => (x(item.At), y(item.Value))),
            "fill=\"none\" stroke=\"#1f4e79\" stroke-width=\"1.4\"");
        if (course.Points.Count > 0)
        {
            svg.Path(
                course.Points.Select(point => (x(point.At), y(point.P50)))
                    .Prepend((x(course.Past[^1].At), y(course.Past[^1].Value))),
                "fill=\"none\" stroke=\"#b8651b\" stroke-width=\"2\"");
        }
    }

    /// <summary>First days of months, as many as there is room for; January with its year.</summary>
    private static void Months(
        SvgText svg, (DateTimeOffset First, DateTimeOffset Last) shown, Func<DateTimeOffset, double> x)
    {
        var months = ((shown.Last.Year - shown.First.Year) * 12) + shown.Last.Month - shown.First.Month;
        var every = MonthSteps.FirstOrDefault(step => months / step * MonthWidth <= Right - Left, 24);
        var day = new DateTimeOffset(shown.First.Year, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (; day <= shown.Last; day = day.AddMonths(every))
        {
            if (day < shown.First) continue;
            svg.Line((x(day), Bottom), (x(day), Bottom + 5), "stroke=\"#6b7785\"");
            if (x(day) > Left + 10 && x(day) < Right - 12)
            {
                svg.Words((x(day), Bottom + 18), day.ToString(
                    day.Month == 1 ? "yyyy" : "MMM", CultureInfo.InvariantCulture), "axis middle");
            }
        }
    }

    private static void Today(SvgText svg, double x)
    {
        if (x > Right - 4) return;
        svg.Line((x, Top - 4), (x, Bottom), "stroke=\"#6b7785\" stroke-dasharray=\"2 3\"");
        svg.Words((x, Top - 6), "today", "axis middle");
    }

    private static IEnumerable<(DateTimeOffset At, double Value)> Past(Outlook outlook, int ahead)
    {
        var count = Math.Max(LeastPast, ahead * PastForFuture);
        var from = Math.Max(0, outlook.Past.Values.Count - count);
        for (var index = from; index < outlook.Past.Values.Count; index++)
            yield return (outlook.Past.Start + (outlook.Past.Step * index), outlook.Past.Values[index]);
    }

    private static IEnumerable<(DateTimeOffset At, double Value)> LimitLine(
        Outlook outlook, DateTimeOffset first, DateTimeOffset last)
    {
        var value = outlook.LimitAt(first);
        yield return (first, value);
        foreach (var phase in outlook.Limits.Where(phase => phase.From > first && phase.From < last))
        {
            yield return (phase.From, value);
            yield return (phase.From, value = phase.Amount);
        }

        yield return (last, value);
    }
}
