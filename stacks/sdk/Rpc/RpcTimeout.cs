using System.Globalization;

namespace ControlPlane.Rpc;

/// <summary>
/// Writes and reads the deadline of a call as gRPC puts it into a header: at most eight digits and a unit.
/// </summary>
internal static class RpcTimeout
{
    public const string Header = "grpc-timeout";
    private const int DigitLimit = 8;

    public static string Write(TimeSpan deadline)
    {
        var milliseconds = (long)Math.Ceiling(Math.Max(0, deadline.TotalMilliseconds));
        return milliseconds < 100_000_000
            ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds}m")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Min(milliseconds / 1000, 99_999_999)}S");
    }

    /// <summary>The time that a caller grants; null when the text is not a deadline.</summary>
    public static TimeSpan? Read(string? text)
    {
        if (text is null || text.Length is < 2 or > DigitLimit + 1
            || !long.TryParse(
                text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var n))
        {
            return null;
        }
        return text[^1] switch
        {
            'H' => TimeSpan.FromHours(n),
            'M' => TimeSpan.FromMinutes(n),
            'S' => TimeSpan.FromSeconds(n),
            'm' => TimeSpan.FromMilliseconds(n),
            'u' => TimeSpan.FromMicroseconds(n),
            'n' => TimeSpan.FromMicroseconds(n / 1000.0),
            _ => null,
        };
    }
}
