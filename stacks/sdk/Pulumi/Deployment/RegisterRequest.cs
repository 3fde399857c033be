using ControlPlane.Rpc;
using Google.Protobuf.WellKnownTypes;

namespace Pulumi;

/// <summary>Holds what a request says once everything it waits for is there.</summary>
internal sealed record Prepared(
    Struct Properties, SortedSet<string> Dependencies, SortedDictionary<string, SortedSet<string>> PropertyDependencies)
{
    public required string Parent { get; init; }

    public required string Provider { get; init; }

    public required ImmutableDictionary<string, string> Providers { get; init; }

    public required ImmutableArray<ControlPlane.Rpc.Alias> Aliases { get; init; }
}

/// <summary>Puts a resource and its options into a request.</summary>
internal static class RegisterRequest
{
    public static RegisterResourceRequest From(Resource resource, ResourceOptions options, Prepared prepared)
    {
        var custom = options as CustomResourceOptions;
        var request = new RegisterResourceRequest
        {
            Type = resource.GetResourceType(),
            Name = resource.GetResourceName(),
            Custom = resource is CustomResource,
            Parent = prepared.Parent,
            Object = prepared.Properties,
            Provider = prepared.Provider,
            Version = options.Version ?? "",
            PluginDownloadURL = options.PluginDownloadURL ?? "",
            ImportId = custom?.ImportId ?? "",
            AcceptSecrets = true,
            DeleteBeforeReplace = custom?.DeleteBeforeReplace ?? false,
            DeleteBeforeReplaceDefined = custom?.DeleteBeforeReplace is not null,
            CustomTimeouts = options.CustomTimeouts?.Serialize(),
            SupportsResultReporting = true,
        };
        if (options.Protect is { } isProtected)
        {
            request.Protect = isProtected;
        }
        if (options.RetainOnDelete is { } isRetained)
        {
            request.RetainOnDelete = isRetained;
        }
        request.Dependencies.AddRange(prepared.Dependencies);
        request.IgnoreChanges.AddRange(options.IgnoreChanges);
        request.HideDiffs.AddRange(options.HideDiffs);
        request.AdditionalSecretOutputs.AddRange(custom?.AdditionalSecretOutputs ?? []);
        request.ReplaceOnChanges.AddRange(custom?.ReplaceOnChanges ?? []);
        request.Providers.Add(prepared.Providers);
        // An engine that knows no specs is told whole URNs, where it looks for them.
        request.Aliases.AddRange(prepared.Aliases);
        foreach (var (name, urns) in prepared.PropertyDependencies)
        {
            var entry = new RegisterResourceRequest.Types.PropertyDependencies();
            entry.Urns.AddRange(urns);
            request.PropertyDependencies.Add(name, entry);
        }
        return request;
    }
}
