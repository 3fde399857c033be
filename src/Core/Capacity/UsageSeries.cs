namespace ControlPlane.Capacity;

/// <summary>What was used, one value for each step of time, the oldest first.</summary>
/// <param name="Start">Instant of the first value.</param>
/// <param name="Step">Time between values.</param>
/// <param name="Values">Amounts, such as thousandths of accelerators or milliwatts.</param>
public sealed record UsageSeries(DateTimeOffset Start, TimeSpan Step, Seq<double> Values)
{
    /// <summary>Instant of the last value.</summary>
    public DateTimeOffset End => Start + (Step * (Values.Count - 1));

    /// <summary>Steps of a season such as a day; 0 when it is no whole number of steps.</summary>
    public int StepsOf(TimeSpan season) =>
        season.Ticks % Step.Ticks == 0 ? (int)(season.Ticks / Step.Ticks) : 0;

    /// <summary>The first values only.</summary>
    public UsageSeries First(int count) => this with { Values = Values.Take(count).ToSeq() };

    /// <summary>What came from a value on.</summary>
    public UsageSeries From(int first) =>
        this with { Start = Start + (Step * first), Values = Values.Skip(first).ToSeq() };

    /// <summary>Means of whole days, for looking farther ahead than hours can be told apart.</summary>
    public UsageSeries Daily()
    {
        var perDay = StepsOf(TimeSpan.FromDays(1));
        if (perDay <= 1) return this;
        var first = Values.Count % perDay;
        var days = Values.Skip(first).Chunk(perDay).Select(day => day.Average());
        return new UsageSeries(Start + (Step * first), TimeSpan.FromDays(1), days.ToSeq());
    }
}
