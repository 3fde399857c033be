namespace ControlPlane.Workloads;

/// <summary>How near a workload has to be to one that it needs.</summary>
public enum DependencyScope
{
    Site,
    Region,
}

/// <summary>
/// Says that a workload needs another one of its tenant near: every unit of it runs where a unit of the other runs. Of
/// several that have the name any will do; one that is gone asks for nothing.
/// </summary>
public readonly record struct Dependency(string Workload, DependencyScope Within);
