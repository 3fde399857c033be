using System.Globalization;
using System.Text;

namespace ControlPlane.Capacity.Board;

/// <summary>Writes until when it lasts: a chart for what runs out first, and a row for everything.</summary>
internal static class OutlookSection
{
    private const int MostCharts = 6;
    private const int MostRows = 24;

    public static void Write(StringBuilder page, BoardReport report)
    {
        var said = report.Outlooks.Where(item => item.Forecast is ForecastMade).ToList();
        if (said.Count == 0) return;
        page.Append("<section class=\"break\">\n<h2>Until when it lasts</h2>\n<div class=\"small\">\n");
        foreach (var outlook in said.Take(MostCharts))
        {
            var title = BoardSentences.NameOf(outlook);
            page.Append(CultureInfo.InvariantCulture,
                $"<figure><figcaption>{BoardHtml.Escape(title)}, "
                    + $"{(outlook.Sku is null ? "MW" : "accelerators")}</figcaption>\n");
            page.Append(OutlookChart.Of(outlook, title)).Append("</figure>\n");
        }

        page.Append("</div>\n<p class=\"legend\"><span><i style=\"background:#1f4e79\"></i>used</span>")
            .Append("<span><i style=\"background:#b8651b\"></i>expected</span>")
            .Append("<span><i style=\"background:#f0c489\"></i>eight times in ten within, as far as the past "
                + "tells it</span>")
            .Append("<span><i style=\"background:#16202b\"></i>what there is (dashed)</span>")
            .Append("<span><i style=\"background:#b23b3b\"></i>may have run out</span></p>\n");
        page.Append("<table>\n<thead><tr><th>region</th><th>what</th><th class=\"n\">used</th><th class=\"n\">there "
            + "is</th>")
            .Append("<th>runs out: even odds</th><th>one chance in ten</th><th>order by</th>")
            .Append("<th class=\"n\">lawful overflow</th></tr></thead>\n<tbody>\n");
        foreach (var outlook in said.Take(MostRows)) Row(page, outlook, report.AsOf);
        page.Append("</tbody>\n</table>\n");
        if (said.Count > MostRows)
            page.Append(CultureInfo.InvariantCulture, $"<p>{said.Count - MostRows} more are not shown.</p>\n");
        page.Append("</section>\n");
    }

    private static void Row(StringBuilder page, Outlook outlook, DateTimeOffset asOf)
    {
        var used = outlook.Past.Values[^1];
        var order = outlook.OrderBy is not { } latest ? "–" : latest <= asOf ? "now" : Text(latest);
        page.Append(CultureInfo.InvariantCulture,
            $"<tr><td>{BoardHtml.Escape(outlook.Region.Value)}</td>"
                + $"<td>{BoardHtml.Escape(outlook.Sku?.Value ?? "power, MW")}</td>"
                + $"<td class=\"n\">{BoardCharts.Amount(used)}</td>"
                + $"<td class=\"n\">{BoardCharts.Amount(outlook.LimitAt(asOf))}</td>"
                + $"<td>{Text(outlook.Exhaustion.P50)}</td><td>{Text(outlook.Exhaustion.P90)}</td>"
                + $"<td{(order == "now" ? " class=\"bad\"" : "")}>{order}</td>"
                + $"<td class=\"n\">{BoardCharts.Amount(outlook.LawfulOverflow)}</td></tr>\n");
    }

    private static string Text(DateTimeOffset? at) =>
        at?.ToString("d MMM yyyy", CultureInfo.InvariantCulture) ?? "–";
}
