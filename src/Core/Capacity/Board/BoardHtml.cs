using System.Globalization;
using System.Text;

namespace ControlPlane.Capacity.Board;

/// <summary>
/// Writes the board's report as one page that needs nothing else: charts are drawn in it, nothing is fetched, and it
/// prints.
/// </summary>
public static class BoardHtml
{
    internal const string Sold = "#1f4e79";
    internal const string Held = "#7ea3c4";
    internal const string Usable = "#3b9b6d";
    internal const string Stranded = "#dc8a33";
    internal const string Missing = "#b23b3b";
    internal const string Unlawful = "#6b2c4a";

    private static readonly string[] areaColours =
        ["#1f4e79", "#3b9b6d", "#dc8a33", "#7ea3c4", "#8a5a9e", "#c2a83e", "#9aa5b1"];

    public static string Write(BoardReport report)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append(CultureInfo.InvariantCulture, $"<title>Capacity report, {Day(report.AsOf)}</title>\n")
            .Append("<style>\n").Append(BoardStyle.Text).Append("</style>\n</head>\n<body>\n<main>\n");
        Head(page, report);
        Keys(page, report);
        BoardSentences.Write(page, report);
        if (report.Growth.Count > 1) Growth(page, report);
        Jurisdictions(page, report);
        Power(page, report);
        OutlookSection.Write(page, report);
        SurvivalSection.Write(page, report);
        BoardTables.Write(page, report);
        page.Append("</main>\n</body>\n</html>\n");
        return page.ToString();
    }

    internal static string Day(DateTimeOffset at) => at.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    internal static string Whole(long milli) => (milli / 1000).ToString("#,0", CultureInfo.InvariantCulture);

    internal static string Accelerators(long milli) =>
        (milli / 1000m).ToString(milli < 10_000 ? "0.##" : "#,0", CultureInfo.InvariantCulture);

    internal static string PerCent(double part, double whole) =>
        whole <= 0 ? "–" : (100 * part / whole).ToString("0", CultureInfo.InvariantCulture) + " %";

    internal static string Megawatts(decimal megawatts) => megawatts.ToString(
        Math.Abs(megawatts) < 10 ? "0.##" : "#,0", CultureInfo.InvariantCulture);

    internal static string Megawatts(long milliwatts) => Megawatts(milliwatts / 1_000_000_000m);

    internal static string Escape(string text) => SvgText.Escape(text);

    /// <summary>A figure with its chart, its words and what the colours mean.</summary>
    internal static void Figure(
        StringBuilder page, string title, string chart, IEnumerable<(string Colour, string Words)> legend)
    {
        page.Append(CultureInfo.InvariantCulture, $"<figure>\n<figcaption>{Escape(title)}</figcaption>\n{chart}");
        page.Append("<p class=\"legend\">");
        foreach (var (colour, words) in legend)
            page.Append(CultureInfo.InvariantCulture, $"<span><i "
                + $"style=\"background:{colour}\"></i>{Escape(words)}</span>");
        page.Append("</p>\n</figure>\n");
    }

    private static void Head(StringBuilder page, BoardReport report) => page.Append(CultureInfo.InvariantCulture, $"""
        <header>
        <p class="over">Capacity of the sovereign fleet</p>
        <h1>What is left, until when, and what survives</h1>
        <p class="date">{Day(report.AsOf)}</p>
        </header>

        """);

    private static void Keys(StringBuilder page, BoardReport report)
    {
        var (all, power) = (report.ByJurisdiction.Total, report.ByJurisdiction.TotalPower);
        var taken = all.SoldMilli + all.HeldMilli;
        page.Append("<section class=\"keys\" aria-label=\"Key figures\">\n");
        Key(Whole(all.AllocatableMilli), "accelerators ready for work",
            $"{(all.AllocatableTeraflopsBf16 / 1000).ToString("#,0", CultureInfo.InvariantCulture)} PFLOP/s dense "
                + $"bf16");
        Key(PerCent(taken, all.AllocatableMilli), "sold or held", $"{Whole(taken)} accelerators");
        Key(Whole(all.UsableMilli), "free and lawfully of use",
            $"of {Whole(all.FreeMilli)} free; {Whole(all.StrandedMilli)} stranded");
        Key($"{Megawatts(power.DrawnMilliwatts)} / {Megawatts(power.ContractMilliwatts)}", "MW drawn of contract",
            $"{PerCent(power.DrawnMilliwatts, power.ContractMilliwatts)} of what active sites may draw");
        Key($"{report.Survival.Survived} of {report.Survival.Assessed}", "losses survived in full",
            "each region lost, each provider gone");
        var due = report.Outlooks.Count(item => item.OrderBy is not null);
        var first = report.Outlooks.Where(item => item.RunsOut is not null).MinBy(item => item.RunsOut);
        Key(report.Outlooks.Count == 0 ? "–" : $"{due}", due == 1 ? "order is due" : "orders are due",
            first is not null ? $"first full: {report.NameOf(first)}, {Day(first.RunsOut!.Value)}" // as was asked for
                : report.Outlooks.Count == 0 ? "no usage history yet" : "nothing runs out within the forecast");
        page.Append("</section>\n");

        void Key(string figure, string what, string more) => page.Append(CultureInfo.InvariantCulture,
            $"<div><b>{Escape(figure)}</b><span>{Escape(what)}</span><small>{Escape(more)}</small></div>\n");
    }

    private static void Jurisdictions(StringBuilder page, BoardReport report)
    {
        var bars = report.ByJurisdiction.Rows.GroupBy(row => row.Name)
            .Select(group => (Name: report.NameOf(group.Key),
                Sum: group.Aggregate(CapacityFigures.None, (sum, row) => sum + row.Accelerators)))
            .Where(item => item.Sum.AllocatableMilli > 0)
            .OrderByDescending(item => item.Sum.AllocatableMilli).ThenBy(item => item.Name, StringComparer.Ordinal)
            .Select(item => new Bar(item.Name, PartsOf(item.Sum),
                $"{PerCent(item.Sum.SoldMilli + item.Sum.HeldMilli, item.Sum.AllocatableMilli)} of "
                    + $"{Whole(item.Sum.AllocatableMilli)}; hole {Whole(item.Sum.LargestHoleMilli)}"))
            .ToList();
        page.Append("<section class=\"break\">\n<h2>Accelerators by jurisdiction</h2>\n");
        Figure(page, "Ready for work; behind each bar: share taken, total, largest contiguous hole",
            BoardCharts.Bars("Accelerators by jurisdiction", bars),
            [(Sold, "sold"), (Held, "held"), (Usable, "free and of use"), (Stranded, "stranded: power or fragments"),
                (Unlawful, "stranded: no workload may lawfully use it")]);
        page.Append("</section>\n");
    }

    internal static Seq<BarPart> PartsOf(CapacityFigures sum) =>
    [
        Part(sum.SoldMilli, Sold, "sold"), Part(sum.HeldMilli, Held, "held"),
        Part(sum.UsableMilli, Usable, "free and of use"),
        Part(sum.StrandedByPowerMilli + sum.StrandedByFragmentsMilli, Stranded, "stranded by power or fragments"),
        Part(
            sum.StrandedByLawMilli + sum.StrandedByClaimMilli + sum.StrandedByAgentMilli, Unlawful,
            "stranded by law, an ended claim or a silent agent"),
    ];

    private static BarPart Part(long milli, string colour, string meaning) =>
        new(milli, colour, $"{Whole(milli)} {meaning}");

    private static void Power(StringBuilder page, BoardReport report)
    {
        var rows = report.ByJurisdiction.Power.Where(row => row.Power.ContractMilliwatts > 0)
            .OrderByDescending(row => row.Power.ContractMilliwatts).ThenBy(row => row.Name, StringComparer.Ordinal)
            .ToList();
        page.Append("<section>\n<h2>Megawatts by jurisdiction</h2>\n");
        Figure(page, "MW drawn at full use of what is sold, of what is contracted today",
            BoardCharts.Bars("Megawatts by jurisdiction",
                rows.ConvertAll(row => new Bar(report.NameOf(row.Name),
                    [new(row.Power.DrawnMilliwatts, Sold, $"{Megawatts(row.Power.DrawnMilliwatts)} MW drawn")],
                    $"{Megawatts(row.Power.DrawnMilliwatts)} of {Megawatts(row.Power.ContractMilliwatts)} MW")),
                rows.ConvertAll(row => (double)row.Power.ContractMilliwatts)),
            [(Sold, "drawn"), (BoardCharts.Contract, "contracted")]);
        page.Append("</section>\n");
    }

    private static void Growth(StringBuilder page, BoardReport report)
    {
        var largest = report.Growth[^1].Parts.OrderByDescending(part => part.Megawatts).ToList();
        var shown = largest.Take(areaColours.Length - 1).Select(part => part.Jurisdiction)
            .Append("others").Zip(areaColours).ToList();
        page.Append("<section>\n<h2>Power to come</h2>\n");
        Figure(page, "MW contracted for all sites, also for those that are being built, by jurisdiction",
            BoardCharts.Growth("Contracted megawatts over the coming years", report.Growth, shown),
            shown.Select(item => (item.Second,
                item.First == "others" ? "others" : report.NameOf(item.First))));
        page.Append("</section>\n");
    }
}
