namespace ControlPlane.Regions;

/// <summary>A declared region and its place in <see cref="Fleet.Regions"/>.</summary>
public sealed class FleetRegion(int index, RegionSpec spec)
{
    public int Index => index;
    public RegionId Id => spec.Region;
    public RegionSpec Spec => spec;

    /// <summary>Whether it is another cell's: known to law, and no place to decide for.</summary>
    public bool IsAbroad => spec.IsAbroad;

    public override string ToString() => Id.Value;
}
