namespace Pulumi;

/// <summary>Reads the outputs of another stack.</summary>
public class StackReference : CustomResource
{
    public StackReference(string name, StackReferenceArgs? args = null, CustomResourceOptions? options = null)
        : base(
            "pulumi:pulumi:StackReference",
            name,
            new StackReferenceArgs { Name = args?.Name ?? name },
            CustomResourceOptions.Merge(options, new CustomResourceOptions { Id = args?.Name ?? name }))
    {
    }

    [Output("name")]
    public Output<string> Name { get; private set; } = null!;

    [Output("outputs")]
    public Output<ImmutableDictionary<string, object>> Outputs { get; private set; } = null!;

    [Output("secretOutputNames")]
    public Output<ImmutableArray<string>> SecretOutputNames { get; private set; } = null!;

    /// <summary>One output of that stack, or null when it has none of the name.</summary>
    public Output<object?> GetOutput(Input<string> name) => Secretly(
        name, Output.Tuple(name.ToOutput(), Outputs).Apply(both => both.Item2.GetValueOrDefault(both.Item1)));

    /// <summary>One output of that stack; it is an error when it has none of the name.</summary>
    public Output<object> RequireOutput(Input<string> name) => Secretly(
        name,
        Output.Tuple(name.ToOutput(), Outputs).Apply(both => both.Item2.TryGetValue(both.Item1, out var value)
            ? value
            : throw new KeyNotFoundException(
                $"Required output '{both.Item1}' does not exist on stack '{GetResourceName()}'.")));

    public async Task<StackReferenceOutputDetails> GetOutputDetailsAsync(string name)
    {
        var data = await GetOutput(name).DataTask.ConfigureAwait(false);
        return data.IsSecret ? new() { SecretValue = data.Value } : new() { Value = data.Value };
    }

    public async Task<object?> GetValueAsync(Input<string> name)
    {
        var data = await GetOutput(name).DataTask.ConfigureAwait(false);
        return data.IsSecret
            ? throw new InvalidOperationException(
                "Cannot call 'GetOutputValueAsync' if the referenced stack has secret outputs. "
                + "Use 'GetOutput' instead.")
            : data.Value;
    }

    public async Task<object> RequireValueAsync(Input<string> name)
    {
        var data = await RequireOutput(name).DataTask.ConfigureAwait(false);
        return data.IsSecret
            ? throw new InvalidOperationException(
                "Cannot call 'RequireOutputValueAsync' if the referenced stack has secret outputs. "
                + "Use 'RequireOutput' instead.")
            : data.Value;
    }

    /// <summary>All outputs are secret when one is; the list of secret names tells which ones really are.</summary>
    private Output<T> Secretly<T>(Input<string> name, Output<T> value) => value.WithSecretness(async _ =>
    {
        var wanted = await name.ToOutput().DataTask.ConfigureAwait(false);
        var secrets = await SecretOutputNames.DataTask.ConfigureAwait(false);
        return wanted.IsKnown && secrets.IsKnown
            ? !secrets.Value.IsDefault && secrets.Value.Contains(wanted.Value)
            : (await Outputs.DataTask.ConfigureAwait(false)).IsSecret;
    });
}

/// <summary>Names the stack to read.</summary>
public class StackReferenceArgs : ResourceArgs
{
    [Input("name", required: true)]
    public Input<string>? Name { get; set; }
}

/// <summary>Carries one output of another stack: in one field or the other, or in none.</summary>
public class StackReferenceOutputDetails
{
    public object? Value { get; set; }

    public object? SecretValue { get; set; }
}
