namespace ControlPlane.SiteAgent.Drivers.Simulated;

/// <summary>Describes the nodes of one pool of a simulated site.</summary>
internal sealed record SimulatedPool(NodePoolId Pool, int Nodes, int AcceleratorsPerNode);
