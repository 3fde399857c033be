namespace ControlPlane.Capacity.Gravity;

/// <summary>A way over declared links from a site that has the data to one that wants it.</summary>
/// <param name="Sites">From the source to the destination, both included; one when they are the same.</param>
/// <param name="GigabitsPerSecond">Of the narrowest link; 0 when nothing has to move.</param>
/// <param name="UsdPerGib">Of all links together.</param>
public sealed record DataRoute(Seq<SiteId> Sites, decimal GigabitsPerSecond, decimal UsdPerGib)
{
    private const decimal GigabitsPerGib = 8.589934592m;
    private const decimal SecondsPerDay = 86_400m;
    private const decimal DaysPerMonth = 30.4375m;

    /// <summary>Whether the data is there already.</summary>
    public bool IsThere => Sites.Count == 1;

    /// <summary>Time that so much data takes, in whole seconds rounded up.</summary>
    public TimeSpan TimeFor(decimal gib, DataTerms terms) => IsThere || gib == 0
        ? TimeSpan.Zero
        : TimeSpan.FromSeconds((double)Math.Min(
            Math.Ceiling(gib * GigabitsPerGib / Share(terms)), (decimal)TimeSpan.FromDays(36_500).TotalSeconds));

    public decimal UsdFor(decimal gib) => IsThere ? 0 : gib * UsdPerGib;

    /// <summary>Whether a copy at the end can follow what changes.</summary>
    public bool Follows(decimal changeGibPerDay, DataTerms terms) =>
        IsThere || changeGibPerDay * GigabitsPerGib / SecondsPerDay < Share(terms);

    /// <summary>Price of following what changes for a month.</summary>
    public decimal UsdPerMonth(decimal changeGibPerDay) => UsdFor(changeGibPerDay * DaysPerMonth);

    private decimal Share(DataTerms terms) => GigabitsPerSecond * terms.LinkSharePercent / 100m;
}
