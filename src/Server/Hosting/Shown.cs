using System.Text;

namespace ControlPlane.Server.Hosting;

/// <summary>
/// Shows what a client sent inside a message: short, and without characters that would change the message.
/// </summary>
internal static class Shown
{
    private const int MostCharacters = 80;

    public static string Text(string text)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= MostCharacters) return shown.Append('…').ToString();
            if (IsHidden(rune)) shown.Append($"\\u{rune.Value:X4}");
            else shown.Append(rune.ToString());
        }

        return shown.ToString();
    }

    /// <summary>Whether a character is a control, breaks lines, or changes the order in which text is shown.</summary>
    public static bool IsHidden(Rune rune) => rune.Value switch
    {
        0x061C or 0x200E or 0x200F or 0x2028 or 0x2029 or 0xFEFF => true,
        >= 0x202A and <= 0x202E => true,
        >= 0x2066 and <= 0x2069 => true,
        _ => Rune.IsControl(rune),
    };
}
