using System.Globalization;
using System.Net;
using System.Text;

namespace ControlPlane.Capacity.Board;

/// <summary>Collects the shapes of one chart; coordinates are those of its view box.</summary>
internal sealed class SvgText(int width, int height, string title)
{
    private readonly StringBuilder text = new();

    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    public void Rectangle((double X, double Y, double Width, double Height) box, string colour, string tip = "")
    {
        if (box.Width <= 0 || box.Height <= 0) return;
        var inner = tip.Length == 0 ? "" : $"<title>{Escape(tip)}</title>";
        text.Append(CultureInfo.InvariantCulture,
            $"<rect x=\"{Number(box.X)}\" y=\"{Number(box.Y)}\" width=\"{Number(box.Width)}\" ");
        text.Append(CultureInfo.InvariantCulture,
            $"height=\"{Number(box.Height)}\" fill=\"{colour}\">{inner}</rect>");
    }

    public void Line((double X, double Y) from, (double X, double Y) to, string style) => text.Append(
        $"<line x1=\"{Number(from.X)}\" y1=\"{Number(from.Y)}\" x2=\"{Number(to.X)}\" y2=\"{Number(to.Y)}\" {style}/>");

    public void Path(IEnumerable<(double X, double Y)> points, string style, bool closed = false)
    {
        var steps = points.Select((point, index) =>
            $"{(index == 0 ? "M" : "L")}{Number(point.X)} {Number(point.Y)}");
        text.Append($"<path d=\"{string.Concat(steps)}{(closed ? "Z" : "")}\" {style}/>");
    }

    /// <param name="at">Baseline.</param>
    /// <param name="words">What is written.</param>
    /// <param name="style">Class: label, value, axis or note; with end or middle for the anchor.</param>
    public void Words((double X, double Y) at, string words, string style) => text.Append(
        $"<text x=\"{Number(at.X)}\" y=\"{Number(at.Y)}\" class=\"{style}\">{Escape(words)}</text>");

    public override string ToString() =>
        $"<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{Escape(title)}\">{text}</svg>\n";
}
