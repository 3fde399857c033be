namespace Pulumi;

/// <summary>Holds the settings of a resource that a provider manages.</summary>
public sealed class CustomResourceOptions : ResourceOptions
{
    public bool? DeleteBeforeReplace { get; set; }

    public List<string> AdditionalSecretOutputs { get => field ??= []; set; }

    /// <summary>The id of an existing thing to take over.</summary>
    public string? ImportId { get; set; }

    /// <summary>Both in one new object: single values of the second win, lists are put together.</summary>
    public static CustomResourceOptions Merge(CustomResourceOptions? options1, CustomResourceOptions? options2)
    {
        var merged = Copy(options1 ?? new());
        var other = Copy(options2 ?? new());
        merged.Overlay(other);
        merged.DeleteBeforeReplace = other.DeleteBeforeReplace ?? merged.DeleteBeforeReplace;
        merged.ImportId = other.ImportId ?? merged.ImportId;
        merged.AdditionalSecretOutputs.AddRange(other.AdditionalSecretOutputs);
        return merged;
    }

    internal override ResourceOptions Clone() => Copy(this);

    private static CustomResourceOptions Copy(CustomResourceOptions options)
    {
        var copy = new CustomResourceOptions
        {
            DeleteBeforeReplace = options.DeleteBeforeReplace,
            AdditionalSecretOutputs = [.. options.AdditionalSecretOutputs],
            ImportId = options.ImportId,
        };
        copy.CopyFrom(options);
        return copy;
    }
}
