using System.Globalization;
using System.Text;

namespace ControlPlane.Capacity.Board;

/// <summary>Writes until when it lasts: a chart for what runs out first, and a row for everything in use.</summary>
internal static class OutlookSection
{
    private const int MostCharts = 6;
    private const int MostRows = 28;

    public static void Write(StringBuilder page, BoardReport report)
    {
        var used = report.Outlooks.Where(item => item.Past.Values.Max() > 0).ToList();
        if (used.Count == 0) return;
        page.Append("<section class=\"break\">\n<h2>Until when it lasts</h2>\n");
        page.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{BoardHtml.Escape(Method(report))}</p>\n")
            .Append("<div class=\"small\">\n");
        // One day is a point, which no line leads through.
        foreach (var outlook in used.Where(item => item.Past.Values.Count > 1).Take(MostCharts))
            Chart(page, report, outlook);
        page.Append("</div>\n<p class=\"legend\"><span><i style=\"background:#1f4e79\"></i>in use, by day</span>")
            .Append("<span><i style=\"background:#b8651b\"></i>expected</span>")
            .Append("<span><i style=\"background:#f0c489\"></i>eight times in ten within, as far as the past "
                + "tells it</span>")
            .Append("<span><i style=\"background:#16202b\"></i>usable or contracted (dashed)</span>")
            .Append("<span><i style=\"background:#b23b3b\"></i>may be full</span></p>\n");
        Table(page, report, used);
        var (more, idle) = (used.Count - MostRows, report.Outlooks.Count - used.Count);
        if (more > 0)
            page.Append(CultureInfo.InvariantCulture,
                $"<p class=\"note\">{more} more, less full, are not shown.</p>\n");
        if (idle > 0)
            page.Append(CultureInfo.InvariantCulture,
                $"<p class=\"note\">{idle} were never in use and are left out.</p>\n");
        page.Append("</section>\n");
    }

    /// <summary>When an outlook runs out here, in words.</summary>
    public static string Says(Outlook outlook, DateTimeOffset asOf)
    {
        if (outlook.Forecast is not ForecastMade made) return Mute(outlook);
        var until = Text(made.Points[^1].At);
        if (outlook.RunsOut is null) return $"Not full by {until}, which is as far as the past lets anybody look.";
        var full = (outlook.Exhaustion.P50, outlook.Exhaustion.P90) switch
        {
            ({ } even, { } tenth) when even == tenth => $"Full on {Text(even)}",
            ({ } even, { } tenth) => $"Full on {Text(even)} at even odds, on {Text(tenth)} with one chance in ten",
            ({ } even, null) => $"Full on {Text(even)} at even odds",
            (null, { } tenth) => $"With one chance in ten full on {Text(tenth)}, at even odds not by {until}",
            _ => "",
        };
        var elsewhere = outlook.LawfulOverflow > 0
            ? $"; {BoardCharts.Amount(outlook.LawfulOverflow)} free otherwise"
            : "; nothing is free otherwise";
        return $"{full}{elsewhere}.{Order(outlook, asOf)}";
    }

    /// <summary>What has to be ordered, and by when.</summary>
    private static string Order(Outlook outlook, DateTimeOffset asOf) => outlook.OrderBy is not { } latest
        ? ""
        : outlook.IsLate(asOf)
            ? $" Order {AmountOf(outlook)} now."
            : $" Order {AmountOf(outlook)} by {Text(latest)}.";

    private static string AmountOf(Outlook outlook) => outlook.PerNode == 0
        ? $"{BoardHtml.Megawatts((decimal)outlook.OrderAmount)} MW"
        : $"{BoardCharts.Amount(outlook.OrderAmount)} "
            + $"({BoardSentences.Counted((long)outlook.OrderAmount / outlook.PerNode, "node")})";

    private static string Method(BoardReport report)
    {
        var (model, power) = report.Outlooks.Aggregate((Model: TimeSpan.Zero, Power: TimeSpan.Zero), (most, item) =>
            item.Sku is null ? (most.Model, item.LeadTime) : (item.LeadTime, most.Power));
        return "Past use by day is gone on from, since it last jumped. An order takes "
            + $"{model.TotalDays / 7:0} weeks for accelerators and {power.TotalDays / 7:0} for power; it is due when "
            + "expected use fills what ordinary work may have here and what is free otherwise: in other models or "
            + "regions, lawful for everybody who uses it today and able to run what they run. What reserves keep for "
            + "failover counts as taken.";
    }

    private static void Chart(StringBuilder page, BoardReport report, Outlook outlook)
    {
        var title = report.NameOf(outlook);
        page.Append(CultureInfo.InvariantCulture,
            $"<figure><figcaption><b>{BoardHtml.Escape(title)}</b>, "
                + $"{(outlook.Sku is null ? "MW" : "accelerators")}</figcaption>\n");
        page.Append(OutlookChart.Of(outlook, title)).Append(CultureInfo.InvariantCulture,
            $"<p class=\"under{(outlook.IsLate(report.AsOf) ? " bad" : "")}\">"
                + $"{BoardHtml.Escape(Says(outlook, report.AsOf))}</p></figure>\n");
    }

    private static void Table(StringBuilder page, BoardReport report, List<Outlook> used)
    {
        page.Append("<table class=\"wide\">\n<thead><tr><th>where and what</th><th class=\"n\">in use</th>")
            .Append("<th class=\"n\">usable</th><th class=\"n\">expected</th><th class=\"n\">on</th>")
            .Append("<th class=\"n\">full: even odds</th><th class=\"n\">one in ten</th>")
            .Append("<th class=\"n\">free otherwise</th><th class=\"n\">order by</th><th class=\"n\">order</th>")
            .Append("</tr></thead>\n<tbody>\n");
        foreach (var outlook in used.Take(MostRows)) Row(page, report, outlook);
        page.Append("</tbody>\n</table>\n");
    }

    private static void Row(StringBuilder page, BoardReport report, Outlook outlook)
    {
        page.Append(CultureInfo.InvariantCulture,
            $"<tr><td>{BoardHtml.Escape(report.NameOf(outlook))}{(outlook.Sku is null ? ", MW" : "")}</td>"
                + $"<td class=\"n\">{BoardCharts.Amount(outlook.Past.Values[^1])}</td>"
                + $"<td class=\"n\">{BoardCharts.Amount(outlook.LimitAt(report.AsOf))}</td>");
        if (outlook.Forecast is not ForecastMade made)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"<td colspan=\"7\" class=\"mute\">{BoardHtml.Escape(Mute(outlook))}</td></tr>\n");
            return;
        }

        var late = outlook.IsLate(report.AsOf);
        page.Append(CultureInfo.InvariantCulture,
            $"<td class=\"n\">{BoardCharts.Amount(made.Points[^1].P50)}</td>"
                + $"<td class=\"n\">{Text(made.Points[^1].At)}</td>"
                + $"<td class=\"n\">{Text(outlook.Exhaustion.P50)}</td>"
                + $"<td class=\"n\">{(made.StatedSteps == 0 ? "not stated" : Text(outlook.Exhaustion.P90))}</td>"
                + $"<td class=\"n\">{BoardCharts.Amount(outlook.LawfulOverflow)}</td>"
                + $"<td class=\"n{(late ? " bad" : "")}\">{(late ? "now" : Text(outlook.OrderBy))}</td>"
                + $"<td class=\"n\">{(outlook.OrderBy is null ? "–" : BoardCharts.Amount(outlook.OrderAmount))}</td>"
                + $"</tr>\n");
    }

    private static string Mute(Outlook outlook)
    {
        if (outlook.Forecast is not HistoryTooShort mute) return "";
        var since = mute.Since is { } at ? $" since use jumped on {Text(at)}" : "";
        return $"History too short{since}: {mute.HaveSteps} of {mute.NeedSteps} days. No line is drawn.";
    }

    private static string Text(DateTimeOffset? at) =>
        at?.ToString("d MMM yyyy", CultureInfo.InvariantCulture) ?? "–";
}
