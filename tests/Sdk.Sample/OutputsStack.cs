using Pulumi;
using Pulumi.Kubernetes.Core.V1;

namespace ControlPlane.Sdk.Sample;

/// <summary>Declares its outputs as properties.</summary>
internal sealed class OutputsStack : Stack
{
    public OutputsStack()
    {
        var space = new Namespace("space");
        Name = space.Urn;
        Token = Output.CreateSecret("swordfish");
    }

    [Output]
    public Output<string> Name { get; set; }

    [Output("token")]
    public Output<string> Token { get; set; }
}
