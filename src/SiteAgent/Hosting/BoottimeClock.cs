using System.Runtime.InteropServices;

namespace ControlPlane.SiteAgent.Hosting;

/// <summary>
/// Measures time that goes on while the machine sleeps and that nobody can set. A lease that is measured with a clock
/// which stands still in sleep would be believed for too long.
/// </summary>
internal sealed partial class BoottimeClock : TimeProvider
{
    private const int ClockBoottime = 7;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        if (ClockGetTime(ClockBoottime, out var time) != 0)
            throw new InvalidOperationException("the machine has no clock that counts sleep");
        return (time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
