using System.Globalization;
using Wire = ControlPlane.Rpc;

namespace Pulumi;

/// <summary>Limits how long the operations on a resource may take.</summary>
public sealed class CustomTimeouts
{
    public TimeSpan? Create { get; set; }

    public TimeSpan? Update { get; set; }

    public TimeSpan? Delete { get; set; }

    internal CustomTimeouts Clone() => new() { Create = Create, Update = Update, Delete = Delete };

    internal Wire.RegisterResourceRequest.Types.CustomTimeouts Serialize() =>
        new() { Create = Duration(Create), Update = Duration(Update), Delete = Duration(Delete) };

    /// <summary>In nanoseconds, as the engine reads them: a tick is a hundred.</summary>
    private static string Duration(TimeSpan? span) =>
        span is { } known ? known.Ticks.ToString(CultureInfo.InvariantCulture) + "00ns" : "";
}
