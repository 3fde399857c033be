using System.Text.Json;
using Spectre.Console;

namespace ControlPlane.Cli.Terminal;

/// <summary>A column of a table: its title, where its text comes from, and whether only wide tables show it.</summary>
internal sealed record Column(string Title, Func<JsonElement, string> Text)
{
    public bool OnlyWide { get; init; }

    public bool IsNumber { get; init; }

    /// <summary>A column that shows a field.</summary>
    public static Column Of(string title, string field) => new(title, item => item.Text(field));

    /// <summary>A column that shows a field with a number.</summary>
    public static Column Number(string title, string field) => Of(title, field) with { IsNumber = true };

    public Column Wide() => this with { OnlyWide = true };
}

/// <summary>A kind of thing that is listed: how the server names it, and how it looks as a table.</summary>
/// <param name="Collection">Name of the list in the server's answers.</param>
/// <param name="Path">Path of the list on the server; one thing is below it by its id.</param>
/// <param name="Id">Field that names a thing.</param>
/// <param name="Columns">Columns, the name first.</param>
internal sealed record Listing(string Collection, string Path, string Id, Seq<Column> Columns)
{
    /// <summary>Whether things keep the order in which the server lists them.</summary>
    public bool KeepsOrder { get; init; }

    /// <summary>Prints things in the order of their names.</summary>
    public void Print(Screen screen, OutputFormat format, IEnumerable<JsonElement> things)
    {
        var items = (KeepsOrder ? things : things.OrderBy(item => item.Text(Id), StringComparer.Ordinal)).ToList();
        switch (format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                screen.Out.WriteLine(DataText.Of(format, Whole(items)));
                break;
            case OutputFormat.Csv:
                PrintCsv(screen, items);
                break;
            case OutputFormat.Name:
                foreach (var item in items) screen.Line(NameOf(item));
                break;
            default:
                PrintTable(screen, items, format == OutputFormat.Wide);
                break;
        }
    }

    /// <summary>Prints one thing; people get it as YAML, which shows every field.</summary>
    public void PrintOne(Screen screen, OutputFormat format, JsonElement item)
    {
        switch (format)
        {
            case OutputFormat.Json:
                screen.Out.WriteLine(DataText.Json(item));
                break;
            case OutputFormat.Csv:
                PrintCsv(screen, [item]);
                break;
            case OutputFormat.Name:
                screen.Line(NameOf(item));
                break;
            default:
                screen.Out.WriteLine(DataText.Yaml(item));
                break;
        }
    }

    private string NameOf(JsonElement item) => $"{Collection}/{item.Text(Id)}";

    private JsonElement Whole(List<JsonElement> items) =>
        JsonSerializer.SerializeToElement(new Dictionary<string, List<JsonElement>> { [Collection] = items });

    private void PrintCsv(Screen screen, List<JsonElement> items)
    {
        screen.Line(DataText.Csv(Columns.Select(column => column.Title)));
        foreach (var item in items) screen.Line(DataText.Csv(Columns.Select(column => column.Text(item))));
    }

    private void PrintTable(Screen screen, List<JsonElement> items, bool wide)
    {
        if (items.Count == 0)
        {
            Screen.Note($"no {Collection}");
            return;
        }

        var shown = Columns.Where(column => wide || !column.OnlyWide).ToList();
        var table = Tables.Plain();
        foreach (var column in shown)
        {
            var title = new TableColumn(
                new Text(column.Title.ToUpperInvariant(), new Style(decoration: Decoration.Bold)));
            table.AddColumn(Tables.Spaced(column.IsNumber ? title.RightAligned() : title));
        }

        foreach (var item in items)
            table.AddRow(shown.Select(column => new Text(VisibleText.Of(Shown(column.Text(item))))));
        screen.Render(table);
    }

    private static string Shown(string text) => text.Length == 0 ? "-" : text;
}
