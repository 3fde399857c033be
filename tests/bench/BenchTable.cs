namespace ControlPlane.Bench;

/// <summary>
/// A table of results: a row for each thing measured, with what it is held against and what was wrong.
/// </summary>
internal sealed record BenchTable(string Name, string Title, IReadOnlyList<string> Columns)
{
    public List<IReadOnlyList<string>> Rows { get; } = [];

    /// <summary>Sentences that belong below the table.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Results that are wrong; any makes the run fail.</summary>
    public List<string> Wrong { get; } = [];

    public void Add(params IReadOnlyList<string> cells) => Rows.Add(cells);

    public IEnumerable<string> Lines()
    {
        var widths = Columns
            .Select((column, at) => Rows.Select(row => row[at].Length).Append(column.Length).Max())
            .ToList();
        yield return $"## {Title}";
        yield return "";
        yield return Line(Columns);
        yield return $"|{string.Join('|', widths.Select(width => new string('-', width + 2)))}|";
        foreach (var row in Rows) yield return Line(row);
        yield return "";
        foreach (var note in Notes) yield return $"- {note}";
        foreach (var wrong in Wrong) yield return $"- WRONG: {wrong}";

        string Line(IReadOnlyList<string> cells) =>
            $"| {string.Join(" | ", cells.Select((cell, at) => cell.PadRight(widths[at])))} |";
    }
}
