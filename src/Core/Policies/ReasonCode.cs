namespace ControlPlane.Policies;

/// <summary>The stable codes by which verdicts and refusals are counted and looked up.</summary>
public static class ReasonCode
{
    public const string Residency = "law.residency";
    public const string OperatorControl = "law.operator-control";
    public const string KeyCustody = "law.key-custody";
    public const string Certification = "law.certification";
    public const string Localisation = "law.localisation";
    public const string Transfer = "law.transfer";
    public const string Personnel = "law.personnel";
    public const string Seal = "law.seal";
    public const string ExportControl = "law.export-control";
    public const string Provenance = "law.provenance";
    public const string Latency = "law.latency";
    public const string Freshness = "law.freshness";
    public const string Isolation = "law.isolation";
    public const string DemandedSpread = "law.spread";
    public const string Mobility = "law.mobility";
    public const string Dataset = "law.dataset";
    public const string RequestResidency = "law.request-residency";
    public const string RequestAccessLaw = "law.request-access-law";
    public const string RequestRegion = "law.request-region";

    public const string SiteNotActive = "health.site-not-active";

    public const string SiteNotHealthy = "health.site-not-healthy";
    public const string SiteCordoned = "health.site-cordoned";

    public const string PoolUnknown = "health.pool-unknown";

    public const string Sku = "capability.sku";
    public const string AcceleratorMemory = "capability.memory";
    public const string AcceleratorBandwidth = "capability.bandwidth";
    public const string AcceleratorTeraflops = "capability.teraflops";
    public const string Fabric = "capability.fabric";
    public const string NodeSize = "capability.node-size";
    public const string Confidential = "capability.confidential";

    public const string Accelerators = "capacity.accelerators";
    public const string Cpu = "capacity.cpu";
    public const string Memory = "capacity.memory";
    public const string FabricDomain = "capacity.fabric-domain";
    public const string Power = "capacity.power";
    public const string PowerCap = "capacity.power-cap";
    public const string Isolated = "capacity.isolation";
    public const string NodeClosed = "capacity.node-closed";
    public const string Reserve = "capacity.reserve";
    public const string FailoverReserve = "capacity.failover-reserve";
    public const string RegionLoss = "capacity.region-loss";
    public const string Quota = "capacity.quota";
    public const string Units = "capacity.units";
    public const string Spread = "capacity.spread";
    public const string Dependency = "capacity.dependency";

    public const string Chosen = "preference.chosen";
    public const string Preempts = "preference.preempts";
    public const string Outranked = "preference.outranked";
}
