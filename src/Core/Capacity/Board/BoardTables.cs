using System.Globalization;
using System.Text;

namespace ControlPlane.Capacity.Board;

/// <summary>Writes the figures behind the charts, by region and by model, and where they come from.</summary>
internal static class BoardTables
{
    public static void Write(StringBuilder page, BoardReport report)
    {
        page.Append("<section class=\"break\">\n<h2>Accelerators by model</h2>\n");
        Table(page, report, ("model", report.BySku.Rows));
        page.Append("<h2>Accelerators by region</h2>\n");
        Table(page, report, ("region", report.ByRegion.Rows.GroupBy(row => row.Name).Select(group => group.First() with
        {
            Accelerators = group.Aggregate(CapacityFigures.None, (sum, row) => sum + row.Accelerators),
        })));
        page.Append("</section>\n");
        page.Append(CultureInfo.InvariantCulture, $"""
            <footer>
            <p>State of ledger position {report.Position}, as of {report.AsOf.UtcDateTime:yyyy-MM-dd HH:mm} UTC, under
            policies <code>{BoardHtml.Escape(report.PolicyDigest)}</code>. Of use is judged by
            {report.ByJurisdiction.Classes} kinds of demand that run or wait. Power is that of full use. TFLOP/s are
            dense bf16 as published; models without a published figure count as nothing. One region or one provider
            at a time is lost; reserves are open to what is displaced.</p>
            </footer>

            """);
    }

    private static void Table(
        StringBuilder page, BoardReport report, (string Name, IEnumerable<CapacityRow> Rows) of)
    {
        string[] titles = ["installed", "ready", "sold", "held", "reserved", "free", "of use", "hole", "by law",
            "claim, agent", "by power", "fragments", "free PFLOP/s"];
        page.Append(CultureInfo.InvariantCulture, $"<table class=\"figures\">\n<thead><tr><th>{of.Name}</th>");
        foreach (var title in titles) page.Append(CultureInfo.InvariantCulture, $"<th class=\"n\">{title}</th>");
        page.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in of.Rows)
        {
            var sum = row.Accelerators;
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{BoardHtml.Escape(report.NameOf(row.Name))}</td>");
            long[] amounts =
            [
                sum.InstalledMilli, sum.AllocatableMilli, sum.SoldMilli, sum.HeldMilli, sum.ReservedMilli,
                sum.FreeMilli, sum.UsableMilli, sum.LargestHoleMilli, sum.StrandedByLawMilli,
                sum.StrandedByClaimMilli + sum.StrandedByAgentMilli, sum.StrandedByPowerMilli,
                sum.StrandedByFragmentsMilli,
            ];
            foreach (var amount in amounts) page.Append(CultureInfo.InvariantCulture,
                $"<td class=\"n\">{BoardHtml.Whole(amount)}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td "
                + $"class=\"n\">{sum.FreeTeraflopsBf16 / 1000:#,0}</td></tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
    }
}
