namespace ControlPlane.SiteAgent.Drivers.Kubernetes;

/// <summary>Says how work is run in one cluster.</summary>
internal sealed record KubernetesSettings
{
    /// <summary>Image of work whose labels name none.</summary>
    public string DefaultImage { get; init; } = "registry.k8s.io/pause:3.9";

    /// <summary>Whether the cluster has the priority classes of our stacks.</summary>
    public bool PriorityClasses { get; init; } = true;

    /// <summary>
    /// Whether deadlines of Jobs may be trusted to end exclusive work when the agent is gone. They need the cluster's
    /// controller manager, and nodes that it reaches.
    /// </summary>
    public bool Guards { get; init; } = true;

    /// <summary>Time in which the job controller has to date a new Job.</summary>
    public TimeSpan DatedWithin { get; init; } = TimeSpan.FromSeconds(8);
}
