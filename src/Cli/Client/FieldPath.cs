using System.Text;

namespace ControlPlane.Cli.Client;

/// <summary>
/// Turns a JSON pointer into the path that people write: <c>/residency/0</c> into <c>residency[0]</c>.
/// </summary>
internal static class FieldPath
{
    public static string Of(string pointer)
    {
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
