namespace ControlPlane.SiteAgent.Tests.Drivers.Kubernetes;

/// <summary>Takes apart the path of a collection or an object: <c>/apis/batch/v1/namespaces/x/jobs/y</c>.</summary>
internal sealed record DoublePath(string Group, string? Space, string Kind, string? Name)
{
    private static readonly string[] Known =
        ["jobs", "deployments", "pods", "nodes", "configmaps", "localqueues", "namespaces"];

    public static DoublePath? Parse(string path)
    {
        var steps = path.Trim('/').Split('/');
        var groupSteps = steps[0] == "api" ? 2 : 3;
        if (steps.Length <= groupSteps) return null;
        var group = string.Join('/', steps[..groupSteps]);
        var rest = steps[groupSteps..];
        var space = rest is ["namespaces", var named, _, ..] ? named : null;
        if (space is not null) rest = rest[2..];
        return Known.Contains(rest[0]) && rest.Length <= 2
            ? new(group, space, rest[0], rest.Length > 1 ? rest[1] : null)
            : null;
    }

    public bool Holds(DoublePath item) =>
        Group == item.Group && Kind == item.Kind && (Space is null || Space == item.Space);

    public bool HoldsCollection(string collection) => Parse(collection) is { } other && Holds(other);
}
