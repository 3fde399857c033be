using ControlPlane.Rpc;
using Google.Protobuf.WellKnownTypes;
using Pulumi.Serialization;

namespace Pulumi;

/// <summary>Carries resources to the engine and their outputs back.</summary>
internal sealed class Registrar(Deployment deployment)
{
    public WaitGraph Graph { get; } = new();

    /// <summary>Registers or reads a resource and fills its outputs; whatever happens, none stays open.</summary>
    public async Task CompleteAsync(Resource resource, bool isRemote, ResourceArgs args, ResourceOptions options)
    {
        var isKnownWhenMissing = !deployment.Settings.IsDryRun;
        try
        {
            Graph.Enter(resource);
            var answer = await AskAsync(resource, isRemote, args, options).ConfigureAwait(false);
            isKnownWhenMissing &= answer.IsDone;
            Fill(resource, answer);
        }
        catch (Exception error)
        {
            foreach (var completion in resource.Completion.Values)
            {
                completion.Fail(error);
            }
            throw;
        }
        finally
        {
            Graph.Leave(resource);
            foreach (var completion in resource.Completion.Values)
            {
                completion.End(isKnownWhenMissing);
            }
        }
    }

    public async Task CompleteOutputsAsync(Resource resource, Output<IDictionary<string, object?>> outputs)
    {
        var urn = await resource.Urn.GetValueAsync("").ConfigureAwait(false);
        var values = await outputs.GetValueAsync(ImmutableDictionary<string, object?>.Empty).ConfigureAwait(false);
        var (properties, _) = await Serializer.PropertiesAsync(
            $"resource:{resource.GetResourceName()}[{resource.GetResourceType()}]", values,
            new Wording(await deployment.KeepsResourcesAsync().ConfigureAwait(false))).ConfigureAwait(false);
        await deployment.Monitor
            .RegisterOutputsAsync(new() { Urn = urn, Outputs = properties }).ConfigureAwait(false);
    }

    private static void Fill(Resource resource, Answer answer)
    {
        resource.Completion["urn"].Set(Known(answer.Urn));
        if (resource is CustomResource)
        {
            resource.Completion["id"].Set(Known(answer.Id) with { IsKnown = answer.Id.Length > 0 });
        }
        var converter = new Converter(problem => Log.Warn(problem, resource));
        foreach (var (name, completion) in resource.Completion)
        {
            if (name is "urn" or "id" || !answer.State.Fields.TryGetValue(name, out var value))
            {
                continue;
            }
            var data = converter.Convert($"{resource.GetType().FullName}.{name}", value, completion.TargetType);
            var from = answer.Dependencies.GetValueOrDefault(name, []).Select(urn => new DependencyResource(urn));
            completion.Set(data with { Resources = data.Resources.Union(from) });
        }
    }

    private static OutputData<object?> Known(string text) =>
        new(OutputData<object?>.NoResources, text, IsKnown: true, IsSecret: false);

    private async Task<Answer> AskAsync(Resource resource, bool isRemote, ResourceArgs args, ResourceOptions options)
    {
        if (options.Urn is { } urn)
        {
            return await GetAsync(urn).ConfigureAwait(false);
        }
        if (options.Id is { } input
            && await input.ToOutput().GetValueAsync("").ConfigureAwait(false) is { Length: > 0 } id)
        {
            return resource is CustomResource
                ? await ReadAsync(resource, id, args, options).ConfigureAwait(false)
                : throw new ArgumentException($"{nameof(ResourceOptions)}.{nameof(ResourceOptions.Id)} "
                    + $"is only valid for a {nameof(CustomResource)}");
        }
        return await RegisterAsync(resource, isRemote, args, options).ConfigureAwait(false);
    }

    /// <summary>A resource that the engine already knows under this URN.</summary>
    private async Task<Answer> GetAsync(string urn)
    {
        var request = new ResourceInvokeRequest { Tok = "pulumi:pulumi:getResource", Args = new Struct() };
        request.Args.Fields.Add("urn", Value.ForString(urn));
        var response = await deployment.Monitor.InvokeAsync(request).ConfigureAwait(false);
        var fields = response.Return.Fields;
        return new(fields["urn"].StringValue, fields["id"].StringValue, fields["state"].StructValue);
    }

    private async Task<Answer> ReadAsync(Resource resource, string id, ResourceArgs args, ResourceOptions options)
    {
        var prepared = await PrepareAsync(resource, isRemote: false, args, options).ConfigureAwait(false);
        var request = new ReadResourceRequest
        {
            Id = id,
            Type = resource.GetResourceType(),
            Name = resource.GetResourceName(),
            Parent = prepared.Parent,
            Properties = prepared.Properties,
            Provider = prepared.Provider,
            Version = options.Version ?? "",
            PluginDownloadURL = options.PluginDownloadURL ?? "",
            AcceptSecrets = true,
            AcceptResources = deployment.Settings.AcceptResources,
        };
        request.Dependencies.AddRange(prepared.Dependencies);
        request.AdditionalSecretOutputs.AddRange((options as CustomResourceOptions)?.AdditionalSecretOutputs ?? []);
        Graph.Leave(resource);
        var response = await deployment.Monitor.ReadAsync(resource, request).ConfigureAwait(false);
        return new(response.Urn, id, response.Properties ?? new Struct());
    }

    private async Task<Answer> RegisterAsync(
        Resource resource, bool isRemote, ResourceArgs args, ResourceOptions options)
    {
        if (options.DeletedWith is not null
            && !await deployment.SupportsAsync("deletedWith").ConfigureAwait(false))
        {
            throw new InvalidOperationException(
                "The Pulumi CLI does not support the DeletedWith option. Please update the Pulumi CLI.");
        }
        var prepared = await PrepareAsync(resource, isRemote, args, options).ConfigureAwait(false);
        var request = RegisterRequest.From(resource, options, prepared);
        request.Remote = isRemote;
        request.AcceptResources = deployment.Settings.AcceptResources;
        request.DeletedWith = options.DeletedWith is { } other
            ? await other.Urn.GetValueAsync("").ConfigureAwait(false)
            : "";
        Graph.Leave(resource);
        var response = await deployment.Monitor.RegisterAsync(resource, request).ConfigureAwait(false);
        return new(response.Urn, response.Id, response.Object ?? new Struct())
        {
            IsDone = response.Result == Result.Success && !response.Unknown,
            Dependencies = response.PropertyDependencies.ToImmutableDictionary(
                entry => entry.Key, entry => entry.Value.Urns.ToImmutableArray()),
        };
    }

    /// <summary>Waits for everything a resource needs and puts it into words.</summary>
    private async Task<Prepared> PrepareAsync(
        Resource resource, bool isRemote, ResourceArgs args, ResourceOptions options)
    {
        var explicitly = await options.DependsOn.ToOutput().GetValueAsync(whenUnknown: []).ConfigureAwait(false);
        Graph.Wait(resource, ResourceGraph.Leaves(explicitly));
        var keepsResources = await deployment.KeepsResourcesAsync().ConfigureAwait(false);
        var wording = new Wording(
            keepsResources, isRemote && await deployment.SupportsAsync("outputValues").ConfigureAwait(false))
        {
            ReferencesAreNoDependencies = isRemote && keepsResources,
        };
        var given = (await args.ToDictionaryAsync().ConfigureAwait(false))
            .Where(property => property.Key is not ("id" or "urn"));
        var (properties, found) = await Serializer.PropertiesAsync(
            $"resource:{resource.GetResourceName()}[{resource.GetResourceType()}]", given, wording)
            .ConfigureAwait(false);
        Graph.Wait(resource, ResourceGraph.Leaves(found.Values.SelectMany(set => set)));
        if (options.Parent is { } parent)
        {
            Graph.Wait(resource, [parent]);
        }
        var byProperty = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var (name, resources) in found)
        {
            byProperty[name] = await ResourceGraph.UrnsAsync(resources).ConfigureAwait(false);
        }
        var all = await ResourceGraph.UrnsAsync(explicitly).ConfigureAwait(false);
        all.UnionWith(byProperty.Values.SelectMany(urns => urns));
        return new(properties, all, byProperty)
        {
            Parent = await ParentUrnAsync(resource, options).ConfigureAwait(false),
            Provider = resource is CustomResource && options.Provider is { } provider
                ? await provider.ReferenceAsync().ConfigureAwait(false)
                : "",
            Providers = await ProvidersAsync(isRemote, options).ConfigureAwait(false),
            Aliases = await AliasesAsync(resource, options).ConfigureAwait(false),
        };
    }

    private async Task<string> ParentUrnAsync(Resource resource, ResourceOptions options) =>
        resource.GetResourceType() == Stack.RootType
            ? ""
            : await (options.Parent ?? deployment.Stack).Urn.GetValueAsync("").ConfigureAwait(false);

    private static async Task<ImmutableDictionary<string, string>> ProvidersAsync(
        bool isRemote, ResourceOptions options)
    {
        var references = ImmutableDictionary.CreateBuilder<string, string>();
        if (isRemote && options is ComponentResourceOptions component)
        {
            var providers = options.Provider is { } single ? component.Providers.Append(single) : component.Providers;
            foreach (var provider in providers)
            {
                references[provider.Package] = await provider.ReferenceAsync().ConfigureAwait(false);
            }
        }
        return references.ToImmutable();
    }

    private async Task<ImmutableArray<ControlPlane.Rpc.Alias>> AliasesAsync(Resource resource, ResourceOptions options)
    {
        var aliases = ImmutableArray.CreateBuilder<ControlPlane.Rpc.Alias>();
        if (await deployment.SupportsAsync("aliasSpecs").ConfigureAwait(false))
        {
            foreach (var input in options.Aliases)
            {
                if (await input.ToOutput().GetValueAsync(null!).ConfigureAwait(false) is { } alias)
                {
                    aliases.Add(await alias.SerializeAsync().ConfigureAwait(false));
                }
            }
            return aliases.ToImmutable();
        }
        foreach (var former in resource.Aliases)
        {
            var urn = await former.GetValueAsync("").ConfigureAwait(false);
            if (urn.Length > 0 && !aliases.Any(alias => alias.Urn == urn))
            {
                aliases.Add(new() { Urn = urn });
            }
        }
        return aliases.ToImmutable();
    }

    /// <summary>Carries what the engine said about a resource.</summary>
    private sealed record Answer(string Urn, string Id, Struct State)
    {
        public bool IsDone { get; init; } = true;

        public ImmutableDictionary<string, ImmutableArray<string>> Dependencies { get; init; } =
            ImmutableDictionary<string, ImmutableArray<string>>.Empty;
    }
}
