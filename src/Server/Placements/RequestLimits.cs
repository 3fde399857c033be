namespace ControlPlane.Server.Placements;

/// <summary>Bounds what one request may ask for. The reader enforces them and the API document states them.</summary>
internal static class RequestLimits
{
    public const int MostLabels = 64;
    public const int LongestLabelKey = 63;
    public const int LongestReference = 63;
    public const int LongestSigner = 255;
    public const int LongestLabelValue = 255;
    public const int MostListEntries = 64;
    public const int MostDependencies = 16;
    public const int MostUnits = 4096;
    public const int MostAccelerators = 64;
    public const int MostShareMilli = 999;
    public const int MostMemoryGib = 1_000_000;
    public const int MostBandwidthGigabytesPerSecond = 1_000_000_000;
    public const int MostTeraflops = 100_000_000;
    public const int MostCpuMilli = 10_000_000;
    public const int MostMemoryMib = 100_000_000;
    public const int MostPriority = 1000;
    public const int MostHoldSeconds = 86_400;
    public const int MostRequestsInBatch = 1000;
    public const int BodyBytes = 65_536;
    public const int BatchBodyBytes = 4_194_304;
}
