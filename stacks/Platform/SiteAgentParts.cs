using ControlPlane.Regions.Stacks;
using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Apps.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Pulumi.Kubernetes.Types.Inputs.Rbac.V1;
using Apps = Pulumi.Kubernetes.Apps.V1;
using Core = Pulumi.Kubernetes.Core.V1;
using Rbac = Pulumi.Kubernetes.Rbac.V1;

namespace ControlPlane.Stacks.Platform;

/// <summary>Declares the site agent with the token it joins by and the rights it has, and no more.</summary>
internal sealed class SiteAgentParts
{
    private const string Name = "site-agent";
    private const string TokenFolder = "/run/cplane";
    private const string StateFolder = "/var/lib/cplane";

    private readonly ClusterPlan plan;

    public SiteAgentParts(
        ClusterPlan plan, CustomResourceOptions options, Core.Namespace system, Output<string> joinToken)
    {
        this.plan = plan;
        var inside = CustomResourceOptions.Merge(options, new CustomResourceOptions { DependsOn = { system } });
        var account = new Core.ServiceAccount(
            $"{plan.Cluster}-agent", new ServiceAccountArgs { Metadata = Own() }, inside);
        var token = new Core.Secret($"{plan.Cluster}-agent", new SecretArgs
        {
            Metadata = Own(),
            // Set as a whole: what is only added to the map would be secret entry by entry.
            StringData = new InputMap<string> { { "token", joinToken } },
        }, inside);
        _ = new ClusterRole($"{plan.Cluster}-agent", new ClusterRoleArgs
        {
            Metadata = new ObjectMetaArgs { Name = $"cplane-{Name}" },
            Rules = Rules(plan.Platform.Agent.Permissions),
        }, options);
        _ = new ClusterRoleBinding($"{plan.Cluster}-agent", new ClusterRoleBindingArgs
        {
            Metadata = new ObjectMetaArgs { Name = $"cplane-{Name}" },
            RoleRef = new RoleRefArgs { ApiGroup = RbacGroup, Kind = "ClusterRole", Name = $"cplane-{Name}" },
            Subjects = { Agent() },
        }, options);
        _ = new Apps.Deployment($"{plan.Cluster}-agent", new DeploymentArgs
        {
            Metadata = Own(),
            Spec = Deployment(),
        }, CustomResourceOptions.Merge(inside, new CustomResourceOptions { DependsOn = { account, token } }));
    }

    private const string RbacGroup = "rbac.authorization.k8s.io";

    /// <summary>Lets the agent work in a tenant's namespace.</summary>
    public void Admit(TenantPlan tenant, CustomResourceOptions options)
    {
        var metadata = new ObjectMetaArgs { Name = Name, Namespace = tenant.Namespace };
        _ = new Rbac.Role($"{plan.Cluster}-{tenant.Tenant}-agent", new RoleArgs
        {
            Metadata = metadata,
            Rules = Rules(plan.Platform.Agent.TenantPermissions),
        }, options);
        _ = new Rbac.RoleBinding($"{plan.Cluster}-{tenant.Tenant}-agent", new RoleBindingArgs
        {
            Metadata = metadata,
            RoleRef = new RoleRefArgs { ApiGroup = RbacGroup, Kind = "Role", Name = Name },
            Subjects = { Agent() },
        }, options);
    }

    private static SubjectArgs Agent() =>
        new() { Kind = "ServiceAccount", Name = Name, Namespace = PlatformPlan.SystemNamespace };

    private static InputList<PolicyRuleArgs> Rules(IEnumerable<AgentAccess> allowed)
    {
        var rules = new InputList<PolicyRuleArgs>();
        foreach (var access in allowed)
        {
            rules.Add(new PolicyRuleArgs
            {
                ApiGroups = { access.Group },
                Resources = access.Kinds.ToArray(),
                Verbs = access.Verbs.ToArray(),
            });
        }

        return rules;
    }

    private ObjectMetaArgs Own() => new()
    {
        Name = Name,
        Namespace = PlatformPlan.SystemNamespace,
        Labels = PlanInputs.Of(plan.Tags.Append(new PlanEntry("app", Name))),
    };

    private DeploymentSpecArgs Deployment() => new()
    {
        // Two at once would both drive the site; the agent's lease on the server decides, and one is enough.
        Replicas = 1,
        Strategy = new DeploymentStrategyArgs { Type = "Recreate" },
        Selector = new LabelSelectorArgs { MatchLabels = { { "app", Name } } },
        Template = new PodTemplateSpecArgs
        {
            Metadata = new ObjectMetaArgs { Labels = { { "app", Name } } },
            Spec = new PodSpecArgs
            {
                ServiceAccountName = Name,
                PriorityClassName = "system-cluster-critical",
                Containers = { Container() },
                Volumes =
                {
                    new VolumeArgs { Name = "token", Secret = new SecretVolumeSourceArgs { SecretName = Name } },
                    // Lives as long as the pod: not every cluster has disks, and the agent joins anew by its token.
                    new VolumeArgs { Name = "state", EmptyDir = new EmptyDirVolumeSourceArgs() },
                },
            },
        },
    };

    private ContainerArgs Container() => new()
    {
        Name = Name,
        Image = plan.Platform.Agent.Image,
        Env =
        {
            new EnvVarArgs { Name = "CPLANE_URL", Value = plan.Platform.Agent.ControlPlaneUrl },
            new EnvVarArgs { Name = "CPLANE_SITE", Value = plan.Site.Value },
            new EnvVarArgs { Name = "CPLANE_CLUSTER", Value = plan.Cluster.Value },
            new EnvVarArgs { Name = "CPLANE_JOIN_TOKEN_FILE", Value = $"{TokenFolder}/token" },
            new EnvVarArgs { Name = "CPLANE_STATE", Value = StateFolder },
        },
        VolumeMounts =
        {
            new VolumeMountArgs { Name = "token", MountPath = TokenFolder, ReadOnly = true },
            new VolumeMountArgs { Name = "state", MountPath = StateFolder },
        },
        SecurityContext = new SecurityContextArgs
        {
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = true,
            RunAsNonRoot = true,
            Capabilities = new CapabilitiesArgs { Drop = { "ALL" } },
        },
    };
}
