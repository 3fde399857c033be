namespace ControlPlane.Regions;

/// <summary>
/// A declared cluster and its place in <see cref="Fleet.Clusters"/>; who controls it is a fact of law.
/// </summary>
public sealed class FleetCluster(int index, FleetSite site, ClusterSpec spec, Seq<LegalEntity> controllers)
{
    public int Index => index;
    public FleetSite Site => site;
    public FleetRegion Region => site.Region;
    public ClusterId Id => spec.Cluster;
    public ClusterSpec Spec => spec;

    /// <summary>Everyone who controls the cluster, up to the ultimate parents.</summary>
    public Seq<LegalEntity> Controllers => controllers;

    /// <summary>Claims of the region and of the cluster.</summary>
    public IEnumerable<Claim> Claims => site.Region.Spec.Claims.Concat(spec.Claims);

    public override string ToString() => Id.Value;
}
