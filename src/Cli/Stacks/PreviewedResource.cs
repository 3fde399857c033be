using ControlPlane.Policies.Stacks;

namespace ControlPlane.Cli.Stacks;

/// <summary>A resource that the stack program registered, or that an earlier preview or state holds.</summary>
internal sealed record PreviewedResource
{
    public required string Urn { get; init; }

    public required string Type { get; init; }

    public required string Name { get; init; }

    /// <summary>The resource it belongs to; empty for the stack itself.</summary>
    public string Parent { get; init; } = "";

    /// <summary>False for components, which group others and make nothing.</summary>
    public bool IsCustom { get; init; }

    /// <summary>Name of the provider that makes it; empty for components and for providers.</summary>
    public string ProviderUrn { get; init; } = "";

    public bool IsProtected { get; init; }

    public PlanMap Inputs { get; init; } = PlanMap.Empty;

    public Seq<string> Dependencies { get; init; }

    public bool IsProvider => Type.StartsWith(PlannedResource.ProviderPrefix, StringComparison.Ordinal);

    /// <summary>What the clouds are counted by: the package of the type.</summary>
    public string Package => Type[..Math.Max(0, Type.IndexOf(':'))];
}

/// <summary>All that a stack program said while it ran.</summary>
internal sealed record Previewed
{
    public required string Stack { get; init; }

    public required string Project { get; init; }

    /// <summary>Resources by URN, in ordinal order.</summary>
    public required Seq<PreviewedResource> Resources { get; init; }

    public required PlanMap Outputs { get; init; }

    /// <summary>What was answered in place of a cloud or of a secret that the stack's file does not hold.</summary>
    public required Seq<string> StandIns { get; init; }

    /// <summary>What the program told people.</summary>
    public required Seq<string> Messages { get; init; }

    /// <summary>A stack whose program was not run.</summary>
    public static Previewed Nothing(string stack) => new()
    {
        Stack = stack,
        Project = StackConfig.Project,
        Resources = [],
        Outputs = PlanMap.Empty,
        StandIns = [],
        Messages = [],
    };
}
