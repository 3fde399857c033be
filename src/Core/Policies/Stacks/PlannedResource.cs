namespace ControlPlane.Policies.Stacks;

/// <summary>A resource of a Pulumi stack as a plan or a state holds it.</summary>
public sealed record PlannedResource
{
    /// <summary>Prefix of the types of providers.</summary>
    public const string ProviderPrefix = "pulumi:providers:";

    public required string Urn { get; init; }

    /// <summary>Type token, such as <c>aws:eks/cluster:Cluster</c>.</summary>
    public required string Type { get; init; }

    public required string Name { get; init; }

    public required PlanMap Properties { get; init; }

    /// <summary>The provider that makes it; null when the engine does not say.</summary>
    public PlannedProvider? Provider { get; init; }

    public bool IsProvider => Type.StartsWith(ProviderPrefix, StringComparison.Ordinal);

    /// <summary>Package of the type, such as <c>aws</c>; of a provider, the package that it provides.</summary>
    public string Package => IsProvider ? Type[ProviderPrefix.Length..] : Type[..Math.Max(0, Type.IndexOf(':'))];
}

/// <summary>The provider that makes a resource.</summary>
public sealed record PlannedProvider(string Type, string Name, PlanMap Properties);
