using System.Globalization;
using System.Text;

namespace ControlPlane.Capacity.Board;

/// <summary>Writes what survives: a bar for each loss that displaces something, and what would close the gap.</summary>
internal static class SurvivalSection
{
    public static void Write(StringBuilder page, BoardReport report)
    {
        page.Append("<section class=\"break\">\n<h2>What survives</h2>\n");
        if (report.Scenarios.Count == 0)
        {
            page.Append("<p>No loss displaces anything: nothing runs.</p>\n</section>\n");
            return;
        }

        BoardHtml.Figure(page, "Units that a loss displaces, and what becomes of them at once, within the law",
            BoardCharts.Bars("What survives", [.. report.Scenarios.Select(item => BarOf(report, item))]),
            [(BoardHtml.Usable, "find a lawful place"),
                (BoardHtml.Stranded, "lawful places have no room, or not together"),
                (BoardHtml.Held, "no capable hardware"), (BoardHtml.Unlawful, "no lawful place at all")]);
        page.Append("<table>\n<thead><tr><th>loss</th><th class=\"n\">workloads</th><th class=\"n\">recover</th>")
            .Append("<th class=\"n\">degraded</th><th class=\"n\">lost</th><th class=\"n\">missing accelerators</th>")
            .Append("<th class=\"n\">missing MW</th><th>would be closed by</th></tr></thead>\n<tbody>\n");
        foreach (var scenario in report.Scenarios) Row(page, report, scenario);
        page.Append("</tbody>\n</table>\n</section>\n");
    }

    private static Bar BarOf(BoardReport report, SurvivalReport scenario)
    {
        long Left(SurvivalOutcome outcome) => scenario.Workloads
            .Where(item => item.Outcome == outcome).Sum(item => (long)(item.Displaced - item.Recovered));
        long recovered = scenario.Workloads.Sum(item => (long)item.Recovered);
        var displaced = scenario.Workloads.Sum(item => (long)item.Displaced);
        // What is bound together finds no room when no place has room for all of it.
        var noRoom = Left(SurvivalOutcome.NoRoom) + Left(SurvivalOutcome.Degraded)
            + Left(SurvivalOutcome.NotTogether);
        return new Bar(report.NameOfLoss(scenario.Scenario),
            [
                new(recovered, BoardHtml.Usable, $"{recovered} units find a place"),
                new(noRoom, BoardHtml.Stranded, $"{noRoom} units find no room"),
                new(Left(SurvivalOutcome.NoCapableHardware), BoardHtml.Held, "no capable hardware"),
                new(Left(SurvivalOutcome.NoLawfulPlace), BoardHtml.Unlawful, "no lawful place"),
            ],
            $"{recovered.ToString("#,0", CultureInfo.InvariantCulture)} of "
                + $"{displaced.ToString("#,0", CultureInfo.InvariantCulture)} units");
    }

    private static void Row(StringBuilder page, BoardReport report, SurvivalReport scenario)
    {
        var (recover, degraded) = (scenario.Count(SurvivalOutcome.Recovers), scenario.Count(SurvivalOutcome.Degraded));
        var lost = scenario.Workloads.Count - recover - degraded;
        var missing = scenario.Shortages.Sum(item => item.AcceleratorMilli);
        var nodes = scenario.Purchases.Sum(item => item.Nodes);
        var closed = nodes == 0 ? "–"
            : $"{nodes} nodes, {BoardHtml.Megawatts(scenario.Purchases.Sum(item => item.FacilityMilliwatts))} MW";
        page.Append(CultureInfo.InvariantCulture,
            $"<tr><td>{BoardHtml.Escape(report.NameOfLoss(scenario.Scenario))}</td>"
                + $"<td class=\"n\">{scenario.Workloads.Count}</td>"
                + $"<td class=\"n\">{recover}</td><td class=\"n\">{degraded}</td>"
                + $"<td class=\"n{(lost > 0 ? " bad" : "")}\">{lost}</td><td "
                    + $"class=\"n\">{BoardHtml.Whole(missing)}</td>"
                + $"<td class=\"n\">{BoardHtml.Megawatts(scenario.Shortages.Sum(item => item.FacilityMilliwatts))}</td>"
                + $"<td>{closed}</td></tr>\n");
    }
}
