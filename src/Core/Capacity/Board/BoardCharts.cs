namespace ControlPlane.Capacity.Board;

/// <summary>One part of a bar: an amount, its colour, and what it is.</summary>
internal readonly record struct BarPart(double Amount, string Colour, string Meaning);

/// <summary>A bar with its name and what is written behind it.</summary>
internal sealed record Bar(string Name, Seq<BarPart> Parts, string Behind)
{
    public double Sum => Parts.Sum(part => part.Amount);
}

/// <summary>Draws the charts of the board's report.</summary>
internal static class BoardCharts
{
    /// <summary>Colour of what is contracted, behind what is drawn.</summary>
    public const string Contract = "#d3dbe3";

    private const int Width = 860;
    private const int LetterWidth = 7;
    private const int BehindWidth = 190;
    private const int BarHeight = 16;
    private const int Pitch = 23;

    /// <summary>Bars beside each other, on one scale; behind each what it is part of, where that is known.</summary>
    public static string Bars(string title, IReadOnlyList<Bar> bars, IReadOnlyList<double>? marks = null)
    {
        var svg = new SvgText(Width, (bars.Count * Pitch) + 4, title);
        var most = bars.Select((bar, index) => Math.Max(bar.Sum, marks?[index] ?? 0)).DefaultIfEmpty(0).Max();
        var nameWidth = 20 + (LetterWidth * bars.Select(bar => Math.Min(bar.Name.Length, 42)).DefaultIfEmpty(0).Max());
        var scale = most > 0 ? (Width - nameWidth - BehindWidth) / most : 0;
        foreach (var (index, bar) in bars.Index())
        {
            var (x, y) = ((double)nameWidth, (index * Pitch) + 4.0);
            if (marks is not null) svg.Rectangle((x, y, marks[index] * scale, BarHeight), Contract);
            svg.Words((nameWidth - 10, y + 13), bar.Name, "label end");
            foreach (var part in bar.Parts)
            {
                svg.Rectangle((x, y, part.Amount * scale, BarHeight), part.Colour, $"{bar.Name}: {part.Meaning}");
                x += part.Amount * scale;
            }

            x = Math.Max(x, nameWidth + ((marks?[index] ?? 0) * scale));
            svg.Words((x + 8, y + 13), bar.Behind, "value");
        }

        return svg.ToString();
    }

    /// <summary>Stacked steps over time: what contracts give, by jurisdiction.</summary>
    public static string Growth(
        string title, Seq<BoardGrowth> growth, IReadOnlyList<(string Name, string Colour)> shown)
    {
        const int height = 230, left = 78, bottom = 200, right = 820, top = 12;
        var svg = new SvgText(Width, height, title);
        var (first, last) = (growth[0].From.DayNumber, Math.Max(growth[^1].From.DayNumber + 180,
            growth[0].From.DayNumber + 365));
        var most = Ceiling((double)growth.Max(step => step.Parts.Sum(part => part.Megawatts)));
        double X(int day) => left + ((right - left) * (double)(day - first) / (last - first));
        double Y(double megawatts) => bottom - ((bottom - top) * megawatts / most);
        foreach (var line in Enumerable.Range(0, 5).Select(part => most * part / 4))
        {
            svg.Line((left, Y(line)), (right, Y(line)), "stroke=\"#dde2e8\"");
            svg.Words((left - 8, Y(line) + 4), Amount(line) + (line == most ? " MW" : ""), "axis end");
        }

        foreach (var (index, (name, colour)) in shown.Index())
        {
            var lower = growth.Select(step => Below(step, shown, index)).ToList();
            var upper = growth.Select((step, at) => lower[at] + Of(step, name, shown)).ToList();
            svg.Path(
                [.. Steps(growth, upper, last, X).Select(point => (point.X, Y(point.Value))),
                    .. Steps(growth, lower, last, X).Select(point => (point.X, Y(point.Value))).Reverse()],
                $"fill=\"{colour}\"", closed: true);
        }

        for (var year = growth[0].From.Year + 1; new DateOnly(year, 1, 1).DayNumber < last; year++)
        {
            var x = X(new DateOnly(year, 1, 1).DayNumber);
            svg.Line((x, bottom), (x, bottom + 5), "stroke=\"#6b7785\"");
            svg.Words((x, bottom + 20), $"{year}", "axis middle");
        }

        svg.Line((left, bottom), (right, bottom), "stroke=\"#6b7785\"");
        return svg.ToString();
    }

    /// <summary>A round number that is not below a value.</summary>
    public static double Ceiling(double value)
    {
        if (value <= 0) return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return new[] { 1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10 }.First(step => step * power >= value) * power;
    }

    public static string Amount(double value) => value.ToString(
        value is > 0 and < 10 ? "0.##" : "#,0", System.Globalization.CultureInfo.InvariantCulture);

    private static double Of(BoardGrowth step, string name, IReadOnlyList<(string Name, string Colour)> shown) =>
        (double)step.Parts.Where(part => Shown(part.Jurisdiction, shown) == name).Sum(part => part.Megawatts);

    private static double Below(BoardGrowth step, IReadOnlyList<(string Name, string Colour)> shown, int index) =>
        shown.Take(index).Sum(item => Of(step, item.Name, shown));

    private static string Shown(string jurisdiction, IReadOnlyList<(string Name, string Colour)> shown) =>
        shown.Any(item => item.Name == jurisdiction) ? jurisdiction : shown[^1].Name;

    private static IEnumerable<(double X, double Value)> Steps(
        Seq<BoardGrowth> growth, List<double> values, int last, Func<int, double> x)
    {
        for (var index = 0; index < values.Count; index++)
        {
            yield return (x(growth[index].From.DayNumber), values[index]);
            yield return (x(index + 1 < values.Count ? growth[index + 1].From.DayNumber : last), values[index]);
        }
    }
}
