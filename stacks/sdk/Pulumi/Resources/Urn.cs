namespace Pulumi;

/// <summary>Puts the parts of a resource's name for the engine together.</summary>
public class Urn
{
    private Urn()
    {
    }

    /// <summary>The URN of a resource with this name and type under a parent, or under the stack.</summary>
    public static Output<string> Create(
        Input<string> name,
        Input<string> type,
        Resource? parent = null,
        Input<string>? parentUrn = null,
        Input<string>? project = null,
        Input<string>? stack = null)
    {
        if (parent is not null && parentUrn is not null)
        {
            throw new ArgumentException("Only one of 'parent' and 'parentUrn' can be non-null.");
        }
        var above = parent?.Urn ?? parentUrn?.ToOutput();
        var prefix = above is not null
            ? above.Apply(urn => urn[..urn.LastIndexOf("::", StringComparison.Ordinal)] + "$")
            : Output.Format(
                $"urn:pulumi:{stack ?? Deployment.Instance.StackName}::{project ?? Deployment.Instance.ProjectName}::");
        return Output.Format($"{prefix}{type}::{name}");
    }
}
