using System.Text;

namespace ControlPlane.Pulumi.Generator;

/// <summary>Collects lines of C# with their indentation.</summary>
internal sealed class Code
{
    private readonly StringBuilder text = new();
    private int depth;

    public void Line(string line = "")
    {
        if (line.Length > 0)
        {
            text.Append(' ', depth * 4).Append(line);
        }
        text.Append('\n');
    }

    /// <summary>Writes a head and, between braces, what the body writes.</summary>
    public void Block(string head, Action body)
    {
        Line(head);
        Line("{");
        depth++;
        body();
        depth--;
        Line("}");
    }

    public override string ToString() => text.ToString();
}
