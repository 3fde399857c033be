namespace ControlPlane.Workloads;

/// <summary>What a workload shares with the work of other tenants, from most to least.</summary>
public enum IsolationLevel
{
    /// <summary>Nodes may run work of other tenants too.</summary>
    Shared,

    /// <summary>Nodes run work of this tenant alone as long as the workload is there.</summary>
    DedicatedNode,

    /// <summary>The whole site runs work of this tenant alone as long as the workload is there.</summary>
    DedicatedSite,
}
