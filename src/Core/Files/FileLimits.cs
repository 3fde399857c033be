using System.Globalization;

namespace ControlPlane.Files;

/// <summary>Bounds of numbers in files, as attributes state them.</summary>
internal static class FileLimits
{
    /// <summary>Stands in attributes where there is no upper bound that means anything.</summary>
    public const long Unlimited = int.MaxValue;

    public static decimal Of(object bound) => Convert.ToDecimal(bound, CultureInfo.InvariantCulture);

    public static string Show(decimal bound) => bound.ToString("0.############", CultureInfo.InvariantCulture);
}
