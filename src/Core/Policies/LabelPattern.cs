using System.Text.RegularExpressions;

namespace ControlPlane.Policies;

/// <summary>
/// A regular expression that takes time in proportion to what it reads: patterns that would have to backtrack are
/// refused. Two patterns are equal when their texts are.
/// </summary>
internal sealed class LabelPattern : IEquatable<LabelPattern>
{
    private readonly string text;
    private readonly Regex? regex;

    public LabelPattern(string text)
    {
        this.text = text;
        try
        {
            regex = new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException)
        {
            Fault = "needs backtracking, which can take for ever; leave out back references, lookarounds and atomic "
            + "groups";
        }
        catch (ArgumentException problem)
        {
            Fault = $"is no regular expression: {problem.Message}";
        }
    }

    /// <summary>Why it cannot be used; null when it can.</summary>
    public string? Fault { get; }

    public bool IsMatch(string value) => regex is not null && regex.IsMatch(value);

    public bool Equals(LabelPattern? other) => other is not null && text == other.text;

    public override bool Equals(object? obj) => Equals(obj as LabelPattern);

    public override int GetHashCode() => string.GetHashCode(text, StringComparison.Ordinal);

    public override string ToString() => text;
}
