using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Rbac.V1;
using Extensions = Pulumi.Kubernetes.ApiExtensions;

namespace ControlPlane.Stacks.Platform;

/// <summary>Declares rights in a whole cluster.</summary>
internal sealed class ClusterRole(string name, ClusterRoleArgs args, CustomResourceOptions options)
    : Extensions.CustomResource(name, args, options);

/// <summary>Holds what a <see cref="ClusterRole"/> is made of.</summary>
internal sealed class ClusterRoleArgs() : Extensions.CustomResourceArgs("rbac.authorization.k8s.io/v1", "ClusterRole")
{
    private InputList<PolicyRuleArgs>? rules;

    [Input("rules")]
    public InputList<PolicyRuleArgs> Rules
    {
        get => rules ??= [];
        set => rules = value;
    }
}

/// <summary>Gives rights in a whole cluster to somebody.</summary>
internal sealed class ClusterRoleBinding(string name, ClusterRoleBindingArgs args, CustomResourceOptions options)
    : Extensions.CustomResource(name, args, options);

/// <summary>Holds what a <see cref="ClusterRoleBinding"/> is made of.</summary>
internal sealed class ClusterRoleBindingArgs()
    : Extensions.CustomResourceArgs("rbac.authorization.k8s.io/v1", "ClusterRoleBinding")
{
    private InputList<SubjectArgs>? subjects;

    [Input("roleRef", required: true)]
    public Input<RoleRefArgs> RoleRef { get; set; } = null!; // demanded by the attribute

    [Input("subjects")]
    public InputList<SubjectArgs> Subjects
    {
        get => subjects ??= [];
        set => subjects = value;
    }
}
