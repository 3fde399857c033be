using ControlPlane.Workloads;

namespace ControlPlane;

/// <summary>Counts units of one request in one pool.</summary>
public readonly record struct UnitGroup(PlacementRequest Request, NodePoolId Pool, long Units, bool IsHeld);
