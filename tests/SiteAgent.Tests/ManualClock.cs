namespace ControlPlane.SiteAgent.Tests;

/// <summary>Stands still until it is told to go on.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref ticks);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(56).AddTicks(GetTimestamp());

    public void Advance(TimeSpan span) => Interlocked.Add(ref ticks, span.Ticks);
}
