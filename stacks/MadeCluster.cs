using Pulumi;

namespace ControlPlane.Stacks;

/// <summary>What a cloud gives back about a cluster that it made.</summary>
/// <param name="Kubernetes">Provider that reaches the cluster.</param>
/// <param name="Endpoint">Address of its API server; empty for a cluster that stands already.</param>
/// <param name="KeyId">The customer's key; empty for a cluster that stands already.</param>
internal sealed record MadeCluster(
    Pulumi.Kubernetes.Provider Kubernetes, Output<string> Endpoint, Output<string> KeyId);
