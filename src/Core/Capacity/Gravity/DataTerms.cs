namespace ControlPlane.Capacity.Gravity;

/// <summary>What moves of data are reckoned with; stated by who asks, not measured.</summary>
public sealed record DataTerms
{
    public static DataTerms Usual { get; } = new();

    /// <summary>Share of every link that data may take, in hundredths.</summary>
    public int LinkSharePercent { get; init; } = 50;

    /// <summary>Bandwidth between sites of one region for which no link is declared; such moves cost nothing.</summary>
    public int SiteGigabitsPerSecond { get; init; } = 100;

    /// <summary>Hours for which the work then runs, so that a cheap place may pay for a dear move.</summary>
    public int RunHours { get; init; } = 720;

    /// <summary>Months for which a standby copy is paid: once for all of it, then for what changes.</summary>
    public int CopyMonths { get; init; } = 12;

    /// <summary>Time in which data should arrive; the cheapest way that keeps it is taken, else the fastest.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How soon work is back without its data.</summary>
    public DrillRates Rates { get; init; } = DrillRates.Usual;
}
