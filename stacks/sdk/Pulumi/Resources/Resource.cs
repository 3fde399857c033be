using Pulumi.Serialization;

namespace Pulumi;

/// <summary>Stands for one thing that the engine keeps; making one registers it.</summary>
public class Resource
{
    private readonly string type;
    private readonly string name;
    private readonly bool isProtected;
    private readonly ImmutableArray<ResourceTransformation> transformations = [];
    private readonly ImmutableDictionary<string, ProviderResource> providers =
        ImmutableDictionary<string, ProviderResource>.Empty;

    private protected Resource(ResourceSpec spec)
    {
        type = spec.Type;
        name = spec.Name;
        ArgumentException.ThrowIfNullOrEmpty(type, nameof(type));
        ArgumentException.ThrowIfNullOrEmpty(name, nameof(name));
        // Before anyone else can see this resource, its outputs stand.
        Completion = OutputCompletion.Begin(this);
        try
        {
            var isStack = type == Stack.RootType;
            var parent = isStack ? null : spec.Options.Parent ?? Deployment.Required.Stack;
            transformations = [.. spec.Options.ResourceTransformations, .. parent?.transformations ?? []];
            var (args, given) = Transform(spec.Args, spec.Options);
            var options = given.Clone();
            if (options.Provider is not null && options is ComponentResourceOptions { Providers.Count: > 0 })
            {
                throw new ResourceException(
                    "Do not supply both 'provider' and 'providers' options to a ComponentResource.", options.Parent);
            }
            if (options.Parent is { } explicitParent)
            {
                lock (explicitParent.Children)
                {
                    explicitParent.Children.Add(this);
                }
                options.Protect ??= explicitParent.isProtected;
                providers = explicitParent.providers;
            }
            providers = spec.IsCustom ? OwnProvider(options) : ChildrensProviders(options);
            isProtected = options.Protect == true;
            Aliases = AliasUrns.Of(this, options);
            Deployment.Required.Begin(this, spec.IsRemote, args, options);
        }
        catch (Exception error)
        {
            // A resource that cannot be made leaves nobody waiting for its outputs.
            foreach (var completion in Completion.Values)
            {
                completion.Fail(error);
            }
            throw;
        }
    }

    /// <summary>Makes a stand-in that only has a URN and is never registered.</summary>
    private protected Resource()
    {
        type = "";
        name = "";
        Completion = ImmutableDictionary<string, IOutputCompletion>.Empty;
    }

    [Output("urn")]
    public Output<string> Urn { get; private protected set; } = null!;

    /// <summary>The children by which a component stands for what it groups.</summary>
    internal HashSet<Resource> Children { get; } = [];

    internal ImmutableArray<Output<string>> Aliases { get; } = [];

    internal ImmutableDictionary<string, IOutputCompletion> Completion { get; }

    public string GetResourceType() => type;

    public string GetResourceName() => name;

    /// <summary>The provider that resources of a package take from this parent; null when it has none.</summary>
    internal ProviderResource? GetProvider(string token) =>
        PackageOf(token) is { } package ? providers.GetValueOrDefault(package) : null;

    private static string? PackageOf(string token) =>
        token.Split(':') is { Length: 3 } parts ? parts[0] : null;

    private (ResourceArgs Args, ResourceOptions Options) Transform(ResourceArgs args, ResourceOptions options)
    {
        foreach (var transformation in transformations)
        {
            if (transformation(new(this, args, options)) is { } result)
            {
                if (result.Options.Parent != options.Parent)
                {
                    throw new ArgumentException(
                        "Transformations cannot currently be used to change the 'parent' of a resource.");
                }
                (args, options) = (result.Args, result.Options);
            }
        }
        return (args, options);
    }

    private ImmutableDictionary<string, ProviderResource> OwnProvider(ResourceOptions options)
    {
        if (options.Provider is null)
        {
            options.Provider = options.Parent?.GetProvider(type);
            return providers;
        }
        return PackageOf(type) is { } package ? providers.SetItem(package, options.Provider) : providers;
    }

    private ImmutableDictionary<string, ProviderResource> ChildrensProviders(ResourceOptions options)
    {
        IEnumerable<ProviderResource> given = options.Provider is { } single
            ? [single]
            : options is ComponentResourceOptions component ? component.Providers : [];
        return providers.SetItems(given.Select(provider => KeyValuePair.Create(provider.Package, provider)));
    }
}

/// <summary>Says what is to be registered.</summary>
internal sealed record ResourceSpec(string Type, string Name, ResourceArgs Args, ResourceOptions Options)
{
    public required bool IsCustom { get; init; }

    public bool IsRemote { get; init; }
}
