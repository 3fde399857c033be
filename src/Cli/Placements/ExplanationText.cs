using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Terminal;
using Spectre.Console;

namespace ControlPlane.Cli.Placements;

/// <summary>
/// Prints why: the sites that would have done as well, and for the others the first thing that keeps each one out.
/// The counts add up to all sites.
/// </summary>
internal static class ExplanationText
{
    private const int MostAlternatives = 5;

    public static void Print(Screen screen, JsonElement answer)
    {
        var sites = SiteVerdict.Of(answer);
        var chosen = sites.Count(site => site.Standing == SiteStanding.Chosen);
        var allowed = sites.FindAll(site => site.Standing == SiteStanding.Allowed);
        var denied = sites.FindAll(site => site.Standing == SiteStanding.Denied);
        screen.Line(
            $"  Sites           {sites.Count} = {chosen} chosen + {allowed.Count} possible + {denied.Count} kept out");
        if (allowed.Count > 0) PrintAlternatives(screen, sites, allowed);
        var rows = Rows(denied);
        var title = denied.Count == sites.Count
            ? $"Why not any of the {denied.Count} sites"
            : $"Why not the other {denied.Count} sites";
        if (rows.Count > 0) ReasonTable.Print(screen, title, rows);
        screen.Line($"  Deciding rule   {Deciding(rows)}");
        if (AnswerText.IsRefused(answer)) RefusalText.PrintEnd(screen, answer);
    }

    private static List<ReasonRow> Rows(List<SiteVerdict> denied) => [.. denied
        .GroupBy(site => (Reason: site.Denial.Text("reason"), Rule: site.Denial.Text("rule")))
        .Select(group => new ReasonRow(
            group.Key.Reason,
            group.Key.Rule,
            group.Count(),
            group.Select(site => site.Relaxations).FirstOrDefault(change => change.Length > 0, ""),
            group.First().Denial.Text("because")))];

    // Law is what decides when it keeps anything out; after it the reason that keeps out most.
    private static string Deciding(List<ReasonRow> rows)
    {
        var ordered = ReasonTable.Ordered(rows).ToList();
        var first = ordered.Find(row => row.IsLaw) ?? ordered.FirstOrDefault();
        return first is null
            ? "score: every site may be used, the chosen one costs least"
            : $"{first.Rule}: {first.Because}";
    }

    private static void PrintAlternatives(Screen screen, List<SiteVerdict> sites, List<SiteVerdict> allowed)
    {
        var chosen = sites.Find(site => site.Standing == SiteStanding.Chosen)?.Trial ?? default;
        var table = Tables.Plain();
        var bold = new Style(decoration: Decoration.Bold);
        table.AddColumn(Tables.Spaced(new TableColumn(new Text("  Alternatives", bold))));
        table.AddColumn(Tables.Spaced(new TableColumn(new Text("sku", bold))));
        table.AddColumn(Tables.Spaced(new TableColumn(new Text("score", bold)).RightAligned()));
        table.AddColumn(Tables.Spaced(new TableColumn(new Text("price", bold)).RightAligned()));
        var ranked = allowed
            .OrderBy(site => site.Trial.Whole("score.cost"))
            .ThenBy(site => site.Site, StringComparer.Ordinal);
        foreach (var site in ranked.Take(MostAlternatives))
        {
            table.AddRow(
                new Text(VisibleText.Of($"    {site.Region} / {site.Site} / {site.Trial.Text("cluster")}")),
                new Text(VisibleText.Of(site.Trial.Text("sku") is { Length: > 0 } sku ? sku : "-")),
                new Text(Difference(site.Trial.Decimal("score.cost"), chosen.Decimal("score.cost"))),
                new Text(Price(site.Trial.Decimal("usdPerHour"), chosen.Decimal("usdPerHour"))));
        }

        screen.Render(table);
        if (allowed.Count > MostAlternatives)
            screen.Line($"    and {allowed.Count - MostAlternatives} more possible sites");
    }

    private static string Price(decimal? price, decimal? chosen) =>
        price is null || chosen is null ? "-" : $"{Difference(price, chosen)} USD/h";

    private static string Difference(decimal? value, decimal? chosen) => value is { } one && chosen is { } other
        ? (one - other).ToString("+#,0.##;-#,0.##;+0", CultureInfo.InvariantCulture)
        : "-";
}
