using ControlPlane.Policies.Stacks;
using ControlPlane.Rpc;

namespace ControlPlane.Pack;

/// <summary>Turns the engine's resources into those that rules judge.</summary>
internal static class Resources
{
    public static PlannedResource Of(AnalyzeRequest request) => new()
    {
        Urn = request.Urn,
        Type = request.Type,
        Name = request.Name,
        Properties = StructValues.Read(request.Properties),
        Provider = Of(request.Provider),
    };

    public static PlannedResource Of(AnalyzerResource resource) => new()
    {
        Urn = resource.Urn,
        Type = resource.Type,
        Name = resource.Name,
        Properties = StructValues.Read(resource.Properties),
        Provider = Of(resource.Provider),
    };

    private static PlannedProvider? Of(AnalyzerProviderResource? provider) => provider is null
        ? null
        : new PlannedProvider(provider.Type, provider.Name, StructValues.Read(provider.Properties));
}
