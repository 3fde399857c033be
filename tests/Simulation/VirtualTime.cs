using System.Globalization;
using System.Text;

namespace ControlPlane.Simulation;

/// <summary>
/// Runs what is to happen in the order of its virtual instants, one thing at a time, and decides everything that is
/// left to chance from one seed. What happened is kept as a hash, and as text when asked for.
/// </summary>
internal sealed class VirtualTime(int seed, bool keepTrace)
{
    private readonly PriorityQueue<Action, (long Ticks, long Order)> queue = new();
    private readonly StringBuilder text = new();
    private long order;

    /// <summary>Time since the start; the clock of the database.</summary>
    public TimeSpan Now { get; private set; }

    public static DateTimeOffset Start { get; } = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    public DateTimeOffset Instant => Start + Now;

    public Random Dice { get; } = new(seed);

    /// <summary>Hash of everything that happened so far.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037;

    public string Text => text.ToString();

    public long Events { get; private set; }

    /// <summary>Whether faults may still happen.</summary>
    public bool IsFaulty { get; set; } = true;

    public void In(TimeSpan delay, Action action) => queue.Enqueue(action, ((Now + delay).Ticks, order++));

    public void RunUntil(TimeSpan end)
    {
        while (queue.TryPeek(out _, out var next) && next.Ticks <= end.Ticks)
        {
            var action = queue.Dequeue();
            Now = TimeSpan.FromTicks(next.Ticks);
            Events++;
            action();
        }

        Now = end;
    }

    public void Note(string what)
    {
        foreach (var letter in what) Trace = (Trace ^ letter) * 1099511628211;
        Trace = (Trace ^ (ulong)Now.Ticks) * 1099511628211;
        if (keepTrace)
            text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{Now.TotalSeconds,9:0.000} {what}"));
    }

    public bool Chance(double of) => Dice.NextDouble() < of;

    /// <summary>A chance that only counts while faults may happen.</summary>
    public bool Fault(double of) => Dice.NextDouble() < of && IsFaulty;

    public TimeSpan Between(double fromSeconds, double toSeconds) =>
        TimeSpan.FromSeconds(fromSeconds + (Dice.NextDouble() * (toSeconds - fromSeconds)));

    public int Pick(int below) => Dice.Next(below);

    /// <summary>How long a step of a server takes: mostly a moment, now and then very long.</summary>
    public TimeSpan Pause() => Fault(0.06) ? Between(2, 40) : Between(0.001, 0.05);
}
