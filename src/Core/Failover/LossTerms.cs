namespace ControlPlane.Failover;

/// <summary>
/// How long is waited before a site is suspected, lost, and trusted again, and how fast work may move.
/// </summary>
public sealed record LossTerms
{
    /// <summary>How long a site may believe in its work after it sent a renewal that was granted.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time that a site has, after that, to stop exclusive work.</summary>
    public TimeSpan Stop { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How much slower than the database's clock that of a site may run.</summary>
    public double Drift { get; init; } = 0.02;

    /// <summary>Added to the wait for a lease to end, for everything that was not thought of.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a suspected site has to be heard before it is taken for well.</summary>
    public TimeSpan CalmAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many times longer is waited when somebody else still reaches the site.</summary>
    public int Contradicted { get; init; } = 3;

    /// <summary>A statement on the health of a site that is older says nothing.</summary>
    public TimeSpan SignalLife { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a site has to be stable after its first loss; each further one doubles it.</summary>
    public TimeSpan HoldDown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest hold-down.</summary>
    public TimeSpan LongestHoldDown { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long a site has to be well until earlier losses are forgotten.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromDays(1);

    /// <summary>With so many sites silent at once, and more than this share of all, none is taken for lost.</summary>
    public int MassSites { get; init; } = 3;

    /// <summary>Share of all sites, in percent.</summary>
    public int MassPercent { get; init; } = 50;

    /// <summary>How long a site has to be well until work that left it goes back.</summary>
    public TimeSpan FailbackAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often work that found no place is looked at again.</summary>
    public TimeSpan PlanAgain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How far ahead is looked for places that will become unlawful.</summary>
    public TimeSpan LawAhead { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How often is looked for what will be unlawful; what is so already is known at once.</summary>
    public TimeSpan LawAgain { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a source may take to stop before the move is undone.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a target may take to start before a person is asked.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Moves in flight at once over the fleet.</summary>
    public int MostMoving { get; init; } = 2_000;

    /// <summary>Moves in flight at once to one site.</summary>
    public int MostMovingToSite { get; init; } = 200;

    /// <summary>Moves that may start to one site within a minute.</summary>
    public int StartsPerMinute { get; init; } = 600;

    /// <summary>Silence after which a site is suspected.</summary>
    public TimeSpan SuspectAfter => Lease / 2;

    /// <summary>
    /// Silence after which exclusive work at a guarded site has surely stopped: the longest time for which the site
    /// could believe in its lease, and what it takes to stop.
    /// </summary>
    public TimeSpan FenceAfter => ((Lease + Stop) * (1 + Drift)) + Grace;

    /// <summary>How long a site has to be stable that was lost so many times.</summary>
    public TimeSpan HoldDownAfter(int losses)
    {
        var wait = HoldDown * Math.Pow(2, Math.Clamp(losses - 1, 0, 16));
        return wait < LongestHoldDown ? wait : LongestHoldDown;
    }
}
