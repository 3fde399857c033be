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
}
