using System.Globalization;

namespace ControlPlane.Capacity.Board;

/// <summary>Draws one outlook: the past, what may come with its interval, and what there is.</summary>
internal static class OutlookChart
{
    private const int Width = 420;
    private const int Height = 190;
    private const int Left = 48;
    private const int Right = 412;
    private const int Top = 10;
    private const int Bottom = 160;

    /// <summary>Values of the past that are drawn for each of the future.</summary>
    private const int PastForFuture = 3;

    /// <summary>Room that a day takes below the chart, to the middle of the next.</summary>
    private const int DayWidth = 105;

    /// <summary>What there is for each that is used, from which on it is written and not drawn.</summary>
    private const double PlentyForUsed = 4;

    public static string Of(Outlook outlook, string title)
    {
        var svg = new SvgText(Width, Height, title);
        var points = outlook.Forecast is ForecastMade made ? made.Points : [];
        var stated = points.Where(point => point.P90 is not null).ToList();
        var past = Past(outlook, points.Count).ToList();
        var (first, last) = (past[0].At, points.Count > 0 ? points[^1].At : outlook.Past.End);
        var used = Math.Max(
            past.Max(item => item.Value), points.Select(point => point.P90 ?? point.P50).DefaultIfEmpty(0).Max());
        var limit = Limits(outlook, first, last).Max();
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

        svg.Path(
            [.. stated.Select(point => (X(point.At), Y(point.P90 ?? 0))),
                .. stated.AsEnumerable().Reverse().Select(point => (X(point.At), Y(point.P10 ?? 0)))],
            "fill=\"#f0c489\" fill-opacity=\"0.75\"", closed: true);
        svg.Path(past.Select(item => (X(item.At), Y(item.Value))),
            "fill=\"none\" stroke=\"#1f4e79\" stroke-width=\"1.4\"");
        svg.Path(
            points.Select(point => (X(point.At), Y(point.P50))), "fill=\"none\" stroke=\"#b8651b\" stroke-width=\"2\"");
        if (inPlenty) svg.Words((Left + 6, Top + 10), $"there is {BoardCharts.Amount(limit)}, far above", "axis");
        else
            svg.Path(
                LimitLine(outlook, first, last).Select(item => (X(item.At), Y(item.Value))),
                "fill=\"none\" stroke=\"#16202b\" stroke-width=\"1.6\" stroke-dasharray=\"6 4\"");
        if (outlook.RunsOut is { } out10 && out10 >= first)
            svg.Line((X(out10), Top), (X(out10), Bottom), "stroke=\"#b23b3b\" stroke-width=\"1.6\"");
        svg.Words((Left, Height - 12), Day(first), "axis");
        var now = X(outlook.Past.End);
        if (now > Left + DayWidth && now < Right - DayWidth)
        {
            svg.Line((now, Bottom), (now, Bottom + 5), "stroke=\"#6b7785\"");
            svg.Words((now, Height - 12), Day(outlook.Past.End), "axis middle");
        }

        svg.Words((Right, Height - 12), Day(last), "axis end");
        return svg.ToString();
    }

    private static IEnumerable<(DateTimeOffset At, double Value)> Past(Outlook outlook, int ahead)
    {
        var count = ahead == 0 ? outlook.Past.Values.Count : ahead * PastForFuture;
        var from = Math.Max(0, outlook.Past.Values.Count - Math.Max(2, count));
        for (var index = from; index < outlook.Past.Values.Count; index++)
            yield return (outlook.Past.Start + (outlook.Past.Step * index), outlook.Past.Values[index]);
    }

    private static IEnumerable<double> Limits(Outlook outlook, DateTimeOffset first, DateTimeOffset last) =>
        LimitLine(outlook, first, last).Select(item => item.Value);

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

    private static string Day(DateTimeOffset at) => at.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}
