using System.Globalization;
using System.Text;

namespace ControlPlane.Cli.Terminal;

/// <summary>
/// Makes text from elsewhere safe to print: characters that steer a terminal or reorder what is read are shown by
/// their code.
/// </summary>
internal static class VisibleText
{
    public static string Of(string text)
    {
        if (!text.Any(Steers)) return text;
        var shown = new StringBuilder(text.Length + 16);
        foreach (var letter in text)
        {
            if (Steers(letter)) shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}");
            else shown.Append(letter);
        }

        return shown.ToString();
    }

    private static bool Steers(char letter) =>
        char.IsControl(letter)
            || letter is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
