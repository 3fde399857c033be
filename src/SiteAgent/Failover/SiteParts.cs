using ControlPlane.Failover;
using ControlPlane.SiteAgent.Drivers;
using ControlPlane.SiteAgent.Hosting;

namespace ControlPlane.SiteAgent.Failover;

/// <summary>Holds what the agent of one site is made of.</summary>
internal sealed record SiteParts
{
    public required SiteId Site { get; init; }

    /// <summary>The cluster that is driven; null for all clusters of the site.</summary>
    public ClusterId? Cluster { get; init; }

    public required ISiteDriver Driver { get; init; }

    public required ServerLink Server { get; init; }

    public required SessionNumbers Sessions { get; init; }

    public required TimeProvider Clock { get; init; }

    public required AgentLog Log { get; init; }

    /// <summary>Other sites that are tried from here.</summary>
    public PeerWatch Peers { get; init; } = PeerWatch.None;

    public AgentTerms Terms { get; init; } = new();

    /// <summary>Time between the end of a session and the next one.</summary>
    public TimeSpan SessionPause { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Time within which a scheduler has to answer.</summary>
    public TimeSpan DriverWithin { get; init; } = TimeSpan.FromSeconds(10);
}
