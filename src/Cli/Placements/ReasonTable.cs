using System.Globalization;
using Spectre.Console;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Placements;

/// <summary>Why sites were kept out: one row for each reason and rule, with the number of sites.</summary>
internal sealed record ReasonRow(string Reason, string Rule, long Sites, string Change, string Because)
{
    public bool IsLaw => Reason.StartsWith("law.", StringComparison.Ordinal);
}

/// <summary>Prints reasons as a table, those that keep out most sites first.</summary>
internal static class ReasonTable
{
    public static void Print(Screen screen, string title, IEnumerable<ReasonRow> rows)
    {
        var table = Tables.Plain();
        var bold = new Style(decoration: Decoration.Bold);
        table.AddColumn(Tables.Spaced(new TableColumn(new Text($"  {title}", bold))));
        table.AddColumn(Tables.Spaced(new TableColumn(new Text("rule", bold))));
        table.AddColumn(Tables.Spaced(new TableColumn(new Text("sites", bold)).RightAligned()));
        table.AddColumn(Tables.Spaced(new TableColumn(new Text("smallest change that would admit one", bold))));
        foreach (var row in Ordered(rows))
        {
            table.AddRow(
                Cell($"    {row.Reason}"),
                Cell(row.Rule),
                Cell(row.Sites.ToString(CultureInfo.InvariantCulture)),
                Cell(row.Change.Length > 0 ? row.Change : row.IsLaw ? "none; law is not negotiable" : "none"));
        }

        screen.Render(table);
    }

    public static IEnumerable<ReasonRow> Ordered(IEnumerable<ReasonRow> rows) => rows
        .OrderByDescending(row => row.Sites)
        .ThenBy(row => row.Reason, StringComparer.Ordinal)
        .ThenBy(row => row.Rule, StringComparer.Ordinal);

    private static Text Cell(string text) => new(VisibleText.Of(text));
}
