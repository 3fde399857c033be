using System.Text.Json;
using ControlPlane.Regions.Stacks;
using Pulumi;
using Pulumi.Aws.Eks.Inputs;
using Eks = Pulumi.Aws.Eks;
using Iam = Pulumi.Aws.Iam;
using Kms = Pulumi.Aws.Kms;

namespace ControlPlane.Stacks.Clouds;

/// <summary>Declares a Kubernetes cluster on AWS: network, key, roles, control plane and machines.</summary>
internal sealed class AwsCluster : ComponentResource
{
    private static readonly string[] NodePolicies =
        ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"];

    private readonly AwsClusterPlan plan;
    private readonly CustomResourceOptions options;
    private readonly string arnPrefix;

    public AwsCluster(AwsClusterPlan plan)
        : base("control-plane:clouds:AwsCluster", plan.Cluster.Value)
    {
        this.plan = plan;
        arnPrefix = $"arn:{plan.Partition ?? "aws"}";
        var provider = new Pulumi.Aws.Provider(
            plan.Cluster.Value,
            new Pulumi.Aws.ProviderArgs { Region = plan.ProviderRegion },
            new CustomResourceOptions { Parent = this });
        options = new CustomResourceOptions { Parent = this, Provider = provider };

        var key = Key();
        var network = new AwsNetwork(plan, options);
        var cluster = Cluster(network, key);
        var addon = new Eks.Addon($"{plan.Cluster}-vpc-cni", new Eks.AddonArgs
        {
            ClusterName = cluster.Name,
            AddonName = "vpc-cni",
            // Without it a network policy is stored and nothing keeps it.
            ConfigurationValues = """{"enableNetworkPolicy":"true"}""",
            Tags = PlanInputs.Of(plan.Tags),
        }, options);
        var nodes = new AwsNodes(plan, network, options) { Cluster = cluster, Key = key, Role = NodeRole() };
        Made = new MadeCluster(Kubernetes(cluster, nodes.Declare(addon)), cluster.Endpoint, key.Arn);
        RegisterOutputs();
    }

    public MadeCluster Made { get; }

    private Kms.Key Key()
    {
        var args = new Kms.KeyArgs
        {
            Description = $"Secrets and disks of {plan.Cluster}",
            MultiRegion = false,
            DeletionWindowInDays = KeyPlan.DeletionDays,
            Tags = PlanInputs.Of(plan.Tags),
        };
        if (plan.Key.Store is { } store)
        {
            // Key material outside AWS is changed where it lives.
            args.CustomKeyStoreId = store.StoreId;
            args.XksKeyId = store.KeyId;
        }
        else
        {
            args.EnableKeyRotation = true;
            args.RotationPeriodInDays = KeyPlan.RotationDays;
        }

        var kept = CustomResourceOptions.Merge(options, new CustomResourceOptions { Protect = true });
        var key = new Kms.Key($"{plan.Cluster}-key", args, kept);
        _ = new Kms.Alias($"{plan.Cluster}-key", new Kms.AliasArgs
        {
            Name = $"alias/{plan.Cluster}",
            TargetKeyId = key.KeyId,
        }, options);
        return key;
    }

    private Eks.Cluster Cluster(AwsNetwork network, Kms.Key key)
    {
        var role = Role("control", "eks.amazonaws.com", ["AmazonEKSClusterPolicy"]);
        return new Eks.Cluster(plan.Cluster.Value, new Eks.ClusterArgs
        {
            Version = plan.KubernetesVersion,
            RoleArn = role.Arn,
            VpcConfig = new ClusterVpcConfigArgs
            {
                SubnetIds = network.NodeSubnetIds,
                EndpointPrivateAccess = true,
                EndpointPublicAccess = false,
            },
            EncryptionConfig = new ClusterEncryptionConfigArgs
            {
                Provider = new ClusterEncryptionConfigProviderArgs { KeyArn = key.Arn },
                Resources = { "secrets" },
            },
            AccessConfig = new ClusterAccessConfigArgs
            {
                AuthenticationMode = "API",
                BootstrapClusterCreatorAdminPermissions = true,
            },
            Tags = PlanInputs.Of(plan.Tags),
        }, options);
    }

    private Iam.Role NodeRole() => Role("nodes", "ec2.amazonaws.com", NodePolicies);

    private Iam.Role Role(string name, string principal, IEnumerable<string> policies)
    {
        var role = new Iam.Role($"{plan.Cluster}-{name}", new Iam.RoleArgs
        {
            AssumeRolePolicy = JsonSerializer.Serialize(new
            {
                Version = "2012-10-17",
                Statement = new[]
                {
                    new { Effect = "Allow", Principal = new { Service = principal }, Action = "sts:AssumeRole" },
                },
            }),
            Tags = PlanInputs.Of(plan.Tags),
        }, options);
        foreach (var policy in policies)
        {
            _ = new Iam.RolePolicyAttachment($"{plan.Cluster}-{name}-{policy}", new Iam.RolePolicyAttachmentArgs
            {
                Role = role.Name,
                PolicyArn = $"{arnPrefix}:iam::aws:policy/{policy}",
            }, options);
        }

        return role;
    }

    private Pulumi.Kubernetes.Provider Kubernetes(Eks.Cluster cluster, Resource systemGroup)
    {
        var kubeConfig = Output.Tuple(cluster.Endpoint, cluster.CertificateAuthority, cluster.Name)
            .Apply(known => KubeConfig(known.Item1, known.Item2.Data ?? "", known.Item3));
        return new Pulumi.Kubernetes.Provider(
            plan.Cluster.Value,
            new Pulumi.Kubernetes.ProviderArgs { KubeConfig = kubeConfig, EnableServerSideApply = true },
            new CustomResourceOptions { Parent = this, DependsOn = { systemGroup } });
    }

    // Credentials are fetched when they are needed and stand in no state.
    private string KubeConfig(string endpoint, string authority, string name)
    {
        string[] arguments = ["eks", "get-token", "--cluster-name", name, "--region", plan.ProviderRegion];
        var login = new { apiVersion = "client.authentication.k8s.io/v1beta1", command = "aws", args = arguments };
        var server = new Dictionary<string, string>
        {
            ["server"] = endpoint,
            ["certificate-authority-data"] = authority,
        };
        return JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["current-context"] = name,
            ["clusters"] = new[] { new { name, cluster = server } },
            ["users"] = new[] { new { name, user = new { exec = login } } },
            ["contexts"] = new[] { new { name, context = new { cluster = name, user = name } } },
        });
    }
}
