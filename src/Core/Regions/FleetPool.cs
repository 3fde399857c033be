namespace ControlPlane.Regions;

/// <summary>
/// A declared pool of equal nodes and its place in <see cref="Fleet.Pools"/>; the smallest thing that law judges.
/// </summary>
public sealed class FleetPool(int index, FleetCluster cluster, NodePoolSpec spec, Sku? sku, int skuIndex)
{
    public int Index => index;
    public FleetCluster Cluster => cluster;
    public FleetSite Site => cluster.Site;
    public FleetRegion Region => cluster.Region;
    public NodePoolId Id => spec.Pool;
    public NodePoolSpec Spec => spec;

    /// <summary>The accelerator model; null for nodes without accelerators.</summary>
    public Sku? Sku => sku;

    /// <summary>Place of the model in <see cref="Fleet.Skus"/>; -1 for nodes without accelerators.</summary>
    public int SkuIndex => skuIndex;

    /// <summary>Nodes that workloads may use.</summary>
    public int Nodes => spec.AllocatableNodes ?? spec.Nodes;

    /// <summary>Accelerators that workloads may use, in thousandths.</summary>
    public long AcceleratorMilli => (long)Nodes * spec.AcceleratorsPerNode * 1000;

    /// <summary>
    /// Facility power that one unit draws here, in milliwatts: its accelerators at full power, its share of the host by
    /// CPU, times the site's PUE, rounded up. Additive, so a site's draw is the sum over its units.
    /// </summary>
    public long UnitMilliwatts(long acceleratorMilli, long cpuMilli)
    {
        var accelerators = acceleratorMilli * (sku?.Watts ?? 0);
        var host = (cpuMilli * spec.HostWatts * 1000L) + spec.CpuMilliPerNode - 1;
        var itMilliwatts = accelerators + (host / spec.CpuMilliPerNode);
        return ((itMilliwatts * site.PueMilli) + 999) / 1000;
    }

    private readonly FleetSite site = cluster.Site;

    public override string ToString() => Id.Value;
}
