using System.Text.Json;

namespace ControlPlane.Cli.Terminal;

/// <summary>Prints things as a table of Markdown, with every column.</summary>
internal static class MarkdownTable
{
    public static void Print(Screen screen, Seq<Column> columns, IEnumerable<JsonElement> things)
    {
        screen.Line(Row(columns.Select(column => column.Title)));
        screen.Line(Row(columns.Select(column => column.IsNumber ? "---:" : "---")));
        foreach (var item in things) screen.Line(Row(columns.Select(column => column.Text(item))));
    }

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells.Select(Cell))} |";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal)
        .Replace('\n', ' ').Replace('\r', ' ');
}
