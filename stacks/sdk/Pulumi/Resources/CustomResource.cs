namespace Pulumi;

/// <summary>Stands for a thing that a provider creates, changes and deletes.</summary>
public class CustomResource : Resource
{
    public CustomResource(string type, string name, ResourceArgs? args, CustomResourceOptions? options = null)
        : base(new ResourceSpec(type, name, args ?? ResourceArgs.Empty, options ?? new CustomResourceOptions())
        {
            IsCustom = true,
        })
    {
    }

    private protected CustomResource()
    {
    }

    [Output("id")]
    public Output<string> Id { get; private protected set; } = null!;
}
