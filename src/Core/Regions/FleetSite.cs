namespace ControlPlane.Regions;

/// <summary>A declared site and its place in <see cref="Fleet.Sites"/>.</summary>
public sealed class FleetSite(int index, FleetRegion region, SiteSpec spec)
{
    public int Index => index;
    public FleetRegion Region => region;
    public SiteId Id => spec.Site;
    public SiteSpec Spec => spec;

    /// <summary>Power usage effectiveness in thousandths, rounded up so that rounding never hides a watt.</summary>
    public long PueMilli { get; } = (long)Math.Ceiling(spec.Power.Pue * 1000);

    /// <summary>Grams of CO2 equivalent for each kilowatt-hour that reaches the computers.</summary>
    public decimal CarbonGramsPerItKilowattHour => spec.Power.CarbonGramsPerKilowattHour * spec.Power.Pue;

    /// <summary>Contracted facility power at an instant in milliwatts; 0 before the first phase.</summary>
    public long FacilityMilliwattsAt(DateTimeOffset asOf)
    {
        var day = DateOnly.FromDateTime(asOf.UtcDateTime);
        var megawatts = 0m;
        foreach (var phase in spec.Power.Phases)
        {
            if (phase.From <= day) megawatts = Math.Max(megawatts, phase.Megawatts);
        }

        return (long)(megawatts * 1_000_000_000m);
    }

    public override string ToString() => Id.Value;
}
