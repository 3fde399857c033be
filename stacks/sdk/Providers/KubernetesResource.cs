namespace Pulumi.Kubernetes;

/// <summary>Stands for an object in a Kubernetes cluster.</summary>
public abstract class KubernetesResource : CustomResource
{
    private protected KubernetesResource(
        string type, string name, ResourceArgs? args, CustomResourceOptions? options = null)
        : base(type, name, args, options)
    {
    }
}
