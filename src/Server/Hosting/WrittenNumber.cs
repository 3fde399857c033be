using System.Globalization;

namespace ControlPlane.Server.Hosting;

/// <summary>Reads JSON numbers as they were written, without rounding and without overflow.</summary>
internal static class WrittenNumber
{
    /// <summary>The value of a number of digits only that fits; else null.</summary>
    public static long? Whole(string written) =>
        long.TryParse(written, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    /// <summary>The value, when a decimal holds it exactly; else null.</summary>
    public static decimal? Decimal(string written) =>
        written.Length <= 28
            && decimal.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    /// <summary>Whether a number is too far from 0 for any field, however it is written.</summary>
    public static bool IsTooLarge(string written) =>
        double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        && Math.Abs(value) >= 9.2e18;
}
