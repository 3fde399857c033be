namespace ControlPlane.Workloads;

/// <summary>
/// Tells an old copy of a workload from a newer one. The timeline of the database comes first, so that a counter which
/// a failover of the database forgot can not be mistaken for the one that is given out again.
/// </summary>
public readonly record struct Epoch(long Timeline, long Counter) : IComparable<Epoch>
{
    public int CompareTo(Epoch other)
    {
        var byTimeline = Timeline.CompareTo(other.Timeline);
        return byTimeline != 0 ? byTimeline : Counter.CompareTo(other.Counter);
    }

    public static bool operator <(Epoch left, Epoch right) => left.CompareTo(right) < 0;

    public static bool operator >(Epoch left, Epoch right) => left.CompareTo(right) > 0;

    public static bool operator <=(Epoch left, Epoch right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Epoch left, Epoch right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Timeline}.{Counter}";
}
