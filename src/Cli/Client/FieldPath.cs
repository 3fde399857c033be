using System.Text;

namespace ControlPlane.Cli.Client;

/// <summary>
/// Turns a JSON pointer into the path that people write: <c>/residency/0</c> into <c>residency[0]</c>, and the name of
/// a parameter of a query into that of an option.
/// </summary>
internal static class FieldPath
{
    public static string Of(string pointer)
    {
        // Options are named like the parameters they become, but this one is an argument.
        if (pointer == "?scenario") return "SCENARIO";
        if (pointer.StartsWith('?')) return "--" + pointer[1..].Replace('_', '-');
        var path = new StringBuilder();
        foreach (var step in pointer.Split('/').Skip(1))
        {
            var name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (name.Length > 0 && name.All(char.IsAsciiDigit)) path.Append('[').Append(name).Append(']');
            else if (path.Length > 0) path.Append('.').Append(name);
            else path.Append(name);
        }

        return path.ToString();
    }
}
