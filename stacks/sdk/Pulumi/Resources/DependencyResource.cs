namespace Pulumi;

/// <summary>Stands for a resource of which only the URN is known, as it comes back from the engine.</summary>
internal sealed class DependencyResource : CustomResource
{
    public DependencyResource(string urn) => Urn = Output.Create(urn);
}
