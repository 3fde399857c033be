using Pulumi.Serialization;

namespace Pulumi;

/// <summary>Stands for a configured provider that other resources can be given.</summary>
public class ProviderResource : CustomResource
{
    public ProviderResource(string package, string name, ResourceArgs args, CustomResourceOptions? options = null)
        : base($"pulumi:providers:{package}", name, args, options) => Package = package;

    internal string Package { get; }

    /// <summary>How requests name the provider: its URN and id, the latter unknown in a preview.</summary>
    internal async Task<string> ReferenceAsync()
    {
        var urn = await Urn.GetValueAsync("").ConfigureAwait(false);
        var id = await Id.GetValueAsync("").ConfigureAwait(false);
        return $"{urn}::{(string.IsNullOrEmpty(id) ? Markers.Unknown : id)}";
    }
}
