namespace Pulumi.Testing;

/// <summary>Answers in place of the engine and its providers.</summary>
public interface IMocks
{
    /// <summary>The id and state of a new resource; components have no id.</summary>
    Task<(string? id, object state)> NewResourceAsync(MockResourceArgs args);

    /// <summary>The answer of a function of a provider.</summary>
    Task<object> CallAsync(MockCallArgs args);

    Task RegisterResourceOutputs(MockRegisterResourceOutputsRequest args) => Task.CompletedTask;
}

/// <summary>Shows what is registered.</summary>
public class MockResourceArgs
{
    public string? Type { get; set; }

    public string? Name { get; set; }

    public ImmutableDictionary<string, object> Inputs { get; set; } = null!;

    public string? Provider { get; set; }

    public string? Id { get; set; }
}

/// <summary>Shows what is asked of a function.</summary>
public class MockCallArgs
{
    public string? Token { get; set; }

    public ImmutableDictionary<string, object> Args { get; set; } = null!;

    public string? Provider { get; set; }
}

/// <summary>Shows the outputs that a component or the stack ends with.</summary>
public class MockRegisterResourceOutputsRequest(string urn, ImmutableDictionary<string, Output<object?>> outputs)
{
    public readonly string Urn = urn;

    public readonly ImmutableDictionary<string, Output<object?>> Outputs = outputs;
}

/// <summary>Says as what a stack is tested.</summary>
public class TestOptions
{
    public string? OrganizationName { get; set; }

    public string? ProjectName { get; set; }

    public string? StackName { get; set; }

    /// <summary>True, the default, for a preview.</summary>
    public bool? IsPreview { get; set; }
}
