namespace Pulumi;

/// <summary>Holds the settings of a resource that only groups others.</summary>
public sealed class ComponentResourceOptions : ResourceOptions
{
    /// <summary>The providers that children take, one for each package.</summary>
    public List<ProviderResource> Providers { get => field ??= []; set; }

    /// <summary>Both in one new object: single values of the second win, lists are put together.</summary>
    public static ComponentResourceOptions Merge(
        ComponentResourceOptions? options1, ComponentResourceOptions? options2)
    {
        var merged = Copy(options1 ?? new());
        var other = Copy(options2 ?? new());
        merged.ProviderBecomesOneOfProviders();
        other.ProviderBecomesOneOfProviders();
        merged.Overlay(other);
        merged.Providers.AddRange(other.Providers);
        if (merged.Providers.Count == 1)
        {
            merged.Provider = merged.Providers[0];
            merged.Providers.Clear();
        }
        return merged;
    }

    internal override ResourceOptions Clone() => Copy(this);

    private static ComponentResourceOptions Copy(ComponentResourceOptions options)
    {
        var copy = new ComponentResourceOptions { Providers = [.. options.Providers] };
        copy.CopyFrom(options);
        return copy;
    }

    private void ProviderBecomesOneOfProviders()
    {
        if (Provider is { } provider)
        {
            Providers.Add(provider);
            Provider = null;
        }
    }
}

/// <summary>Holds the settings of the stack itself.</summary>
public class StackOptions
{
    public List<ResourceTransformation> ResourceTransformations { get => field ??= []; set; }
}
