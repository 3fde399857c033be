using Spectre.Console;

namespace ControlPlane.Cli.Terminal;

/// <summary>The look of tables: no lines, columns apart by three spaces.</summary>
internal static class Tables
{
    public static Table Plain()
    {
        var table = new Table { Border = TableBorder.None };
        table.Collapse();
        return table;
    }

    public static TableColumn Spaced(TableColumn column)
    {
        column.Padding = new Padding(0, 0, 3, 0);
        return column;
    }
}
