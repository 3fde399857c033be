using System.Collections.Immutable;
using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Helm.V3;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Pulumi.Kubernetes.Types.Inputs.Networking.V1;
using Pulumi.Kubernetes.Types.Inputs.Rbac.V1;
using Pulumi.Kubernetes.Types.Inputs.Scheduling.V1;
using AksInputs = Pulumi.Azure.ContainerService.Inputs;
using Apps = Pulumi.Kubernetes.Types.Inputs.Apps.V1;
using Aws = Pulumi.Aws;
using Azure = Pulumi.Azure;
using EksInputs = Pulumi.Aws.Eks.Inputs;
using Ec2Inputs = Pulumi.Aws.Ec2.Inputs;
using Kubernetes = Pulumi.Kubernetes;

namespace ControlPlane.Sdk.Sample;

/// <summary>
/// Declares a cluster on each cloud and what stands on it; clouds.cjs says the same to the official SDK.
/// </summary>
internal static class CloudsProgram
{
    private static readonly string AssumeRole = """{"Version":"2012-10-17"}""";

    public static IDictionary<string, object?> Run()
    {
        var config = new Config();
        var region = config.Require("region");
        var password = config.RequireSecret("password");
        var provider = new Aws.Provider("aws", new Aws.ProviderArgs
        {
            Region = region,
            AllowedAccountIds = { "123456789012" },
            MaxRetries = 3,
            DefaultTags = new Aws.Inputs.ProviderDefaultTagsArgs { Tags = { { "owner", "platform" } } },
        });
        var cluster = Eks(new CustomResourceOptions { Provider = provider });
        var kubeconfig = Output.CreateSecret(Output.Format($"server: {cluster.Endpoint}, name: {cluster.Name}"));
        var kubernetes = new Kubernetes.Provider("kubernetes", new Kubernetes.ProviderArgs
        {
            KubeConfig = kubeconfig,
            EnableServerSideApply = true,
        });
        var tenants = new Tenants("tenants", password, new ComponentResourceOptions { Provider = kubernetes });
        Platform(tenants, new CustomResourceOptions { Provider = kubernetes });
        Aks(region);
        return new Dictionary<string, object?>
        {
            ["endpoint"] = cluster.Endpoint,
            ["kubeconfig"] = kubeconfig,
            ["tenants"] = new[] { "a", "b" },
        };
    }

    private static Aws.Eks.Cluster Eks(CustomResourceOptions options)
    {
        var vpc = new Aws.Ec2.Vpc("main", new Aws.Ec2.VpcArgs
        {
            CidrBlock = "10.0.0.0/16",
            EnableDnsHostnames = true,
            Tags = { { "Name", "main" } },
        }, options);
        var subnets = new[] { "a", "b" }.Select((zone, index) => new Aws.Ec2.Subnet($"subnet-{zone}", new()
        {
            VpcId = vpc.Id,
            CidrBlock = $"10.0.{index}.0/24",
            AvailabilityZone = $"eu-central-1{zone}",
        }, options)).ToList();
        var key = new Aws.Kms.Key("disk", new()
        {
            Description = "disks", DeletionWindowInDays = 30, EnableKeyRotation = true,
        }, CustomResourceOptions.Merge(options, new() { Protect = true }));
        var role = new Aws.Iam.Role("nodes", new() { AssumeRolePolicy = AssumeRole }, options);
        var attachment = new Aws.Iam.RolePolicyAttachment("nodes", new()
        {
            Role = role.Name,
            PolicyArn = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
        }, options);
        var cluster = new Aws.Eks.Cluster("main", new Aws.Eks.ClusterArgs
        {
            RoleArn = role.Arn,
            VpcConfig = new EksInputs.ClusterVpcConfigArgs
            {
                SubnetIds = subnets.Select(subnet => subnet.Id).ToArray(),
                EndpointPrivateAccess = true,
                EndpointPublicAccess = false,
            },
            EncryptionConfig = new EksInputs.ClusterEncryptionConfigArgs
            {
                Provider = new EksInputs.ClusterEncryptionConfigProviderArgs { KeyArn = key.Arn },
                Resources = { "secrets" },
            },
            EnabledClusterLogTypes = { "audit", "api" },
        }, CustomResourceOptions.Merge(options, new() { DependsOn = attachment, IgnoreChanges = { "version" } }));
        GpuNodes(cluster, subnets, (role, attachment, key), options);
        return cluster;
    }

    private static void GpuNodes(
        Aws.Eks.Cluster cluster,
        List<Aws.Ec2.Subnet> subnets,
        (Aws.Iam.Role Role, Aws.Iam.RolePolicyAttachment Attachment, Aws.Kms.Key Key) needs,
        CustomResourceOptions options)
    {
        var template = new Aws.Ec2.LaunchTemplate("gpu", new Aws.Ec2.LaunchTemplateArgs
        {
            InstanceType = "p5.48xlarge",
            BlockDeviceMappings = new Ec2Inputs.LaunchTemplateBlockDeviceMappingArgs
            {
                DeviceName = "/dev/xvda",
                Ebs = new Ec2Inputs.LaunchTemplateBlockDeviceMappingEbsArgs
                {
                    VolumeSize = 500, Encrypted = "true", KmsKeyId = needs.Key.Arn,
                },
            },
        }, options);
        _ = new Aws.Eks.NodeGroup("gpu", new Aws.Eks.NodeGroupArgs
        {
            ClusterName = cluster.Name,
            NodeRoleArn = needs.Role.Arn,
            SubnetIds = { subnets[0].Id, "subnet-fixed" },
            ScalingConfig = new EksInputs.NodeGroupScalingConfigArgs { DesiredSize = 2, MinSize = 0, MaxSize = 4 },
            LaunchTemplate = new EksInputs.NodeGroupLaunchTemplateArgs
            {
                Id = template.Id,
                Version = template.LatestVersion.Apply(version => $"{version}"),
            },
            Taints =
            {
                new EksInputs.NodeGroupTaintArgs { Key = "nvidia.com/gpu", Value = "true", Effect = "NO_SCHEDULE" },
            },
            Labels = { { "pool", "gpu" } },
        }, CustomResourceOptions.Merge(options, new()
        {
            DependsOn = { needs.Attachment, needs.Key },
            CustomTimeouts = new CustomTimeouts { Create = TimeSpan.FromMinutes(40) },
            DeleteBeforeReplace = true,
        }));
        _ = new Aws.Ec2.CapacityReservation("gpu", new Aws.Ec2.CapacityReservationArgs
        {
            AvailabilityZone = "eu-central-1a",
            InstanceCount = 2,
            InstancePlatform = Aws.Ec2.InstancePlatform.LinuxUnix,
            InstanceType = "p5.48xlarge",
        }, options);
    }

    private static void Platform(Tenants tenants, CustomResourceOptions options)
    {
        var plugin = new Kubernetes.Helm.V3.Release("device-plugin", new ReleaseArgs
        {
            Chart = "nvidia-device-plugin",
            Version = "0.17.4",
            Namespace = "kube-system",
            RepositoryOpts = new RepositoryOptsArgs { Repo = "https://nvidia.github.io/k8s-device-plugin" },
            Values =
            {
                ["gfd"] = new Dictionary<string, object> { ["enabled"] = true, ["sleep"] = 60.5 },
                ["tolerations"] = new[] { new Dictionary<string, object> { ["operator"] = "Exists" } },
            },
        }, CustomResourceOptions.Merge(options, new() { DependsOn = tenants }));
        _ = new Kubernetes.Apps.V1.Deployment("agent", new Apps.DeploymentArgs
        {
            Metadata = new ObjectMetaArgs { Name = "agent", Namespace = plugin.Namespace },
            Spec = new Apps.DeploymentSpecArgs
            {
                Replicas = 1,
                Selector = new LabelSelectorArgs { MatchLabels = { { "app", "agent" } } },
                Template = new PodTemplateSpecArgs
                {
                    Metadata = new ObjectMetaArgs { Labels = { { "app", "agent" } } },
                    Spec = new PodSpecArgs
                    {
                        Containers = new ContainerArgs
                        {
                            Name = "agent",
                            Image = "example.com/agent:1",
                            Ports = { new ContainerPortArgs { ContainerPortValue = 8080 } },
                            Resources = new ResourceRequirementsArgs { Limits = { { "memory", "64Mi" } } },
                        },
                    },
                },
            },
        }, options);
        _ = new Kubernetes.Core.V1.Service("agent", new ServiceArgs
        {
            Spec = new ServiceSpecArgs { Ports = { new ServicePortArgs { Port = 80, TargetPort = 8080 } } },
        }, CustomResourceOptions.Merge(options, new()
        {
            Aliases =
            {
                new Alias { Name = "agent-old" },
                new Alias { NoParent = true, Type = "kubernetes:core/v1:Svc" },
            },
        }));
        _ = new Kubernetes.Scheduling.V1.PriorityClass("training", new PriorityClassArgs
        {
            Value = 1000, Description = "may wait", PreemptionPolicy = "Never",
        }, options);
    }

    private static void Aks(string region)
    {
        var provider = new Azure.Provider("azure", new Azure.ProviderArgs
        {
            SubscriptionId = "00000000-0000-0000-0000-000000000001",
            Features = new Azure.Inputs.ProviderFeaturesArgs
            {
                KeyVault = new Azure.Inputs.ProviderFeaturesKeyVaultArgs { PurgeSoftDeleteOnDestroy = false },
            },
        });
        var options = new CustomResourceOptions { Provider = provider };
        var group = new Azure.Core.ResourceGroup("group", new() { Location = region }, options);
        var network = new Azure.Network.VirtualNetwork("network", new()
        {
            ResourceGroupName = group.Name,
            Location = group.Location,
            AddressSpaces = "10.1.0.0/16",
        }, options);
        var subnet = new Azure.Network.Subnet("nodes", new()
        {
            ResourceGroupName = group.Name,
            VirtualNetworkName = network.Name,
            AddressPrefixes = { "10.1.1.0/24" },
        }, options);
        var cluster = new Azure.ContainerService.KubernetesCluster("aks", new()
        {
            ResourceGroupName = group.Name,
            Location = group.Location,
            DnsPrefix = "aks",
            PrivateClusterEnabled = true,
            Identity = new AksInputs.KubernetesClusterIdentityArgs { Type = "SystemAssigned" },
            DefaultNodePool = new AksInputs.KubernetesClusterDefaultNodePoolArgs
            {
                Name = "system", NodeCount = 3, VmSize = "Standard_D8s_v5", VnetSubnetId = subnet.Id,
            },
        }, options);
        _ = new Azure.ContainerService.KubernetesClusterNodePool("gpu", new()
        {
            KubernetesClusterId = cluster.Id,
            VmSize = "Standard_ND96isr_H100_v5",
            NodeCount = 2,
            NodeTaints = { "sku=gpu:NoSchedule" },
            VnetSubnetId = subnet.Id,
        }, options);
    }
}

/// <summary>Groups what each tenant has on a cluster.</summary>
internal sealed class Tenants : ComponentResource
{
    public Tenants(string name, Output<string> password, ComponentResourceOptions options)
        : base("sample:index:Tenants", name, options)
    {
        foreach (var tenant in new[] { "a", "b" })
        {
            Tenant(tenant, password);
        }
        RegisterOutputs(ImmutableDictionary<string, object?>.Empty.Add("count", 2));
    }

    private void Tenant(string tenant, Output<string> password)
    {
        var options = new CustomResourceOptions { Parent = this };
        var space = new Kubernetes.Core.V1.Namespace($"{tenant}-space", new NamespaceArgs
        {
            Metadata = new ObjectMetaArgs { Name = tenant, Labels = { { "tenant", tenant } } },
        }, options);
        var place = new ObjectMetaArgs { Namespace = space.Metadata.Apply(metadata => metadata.Name) };
        _ = new Kubernetes.Core.V1.ResourceQuota($"{tenant}-quota", new ResourceQuotaArgs
        {
            Metadata = place,
            Spec = new ResourceQuotaSpecArgs { Hard = { { "requests.nvidia.com/gpu", "16" } } },
        }, options);
        _ = new Kubernetes.Networking.V1.NetworkPolicy($"{tenant}-deny", new NetworkPolicyArgs
        {
            Metadata = place,
            Spec = new NetworkPolicySpecArgs
            {
                PodSelector = new LabelSelectorArgs(),
                PolicyTypes = { "Ingress", "Egress" },
            },
        }, options);
        _ = new Kubernetes.Core.V1.Secret($"{tenant}-join", new SecretArgs
        {
            Metadata = place,
            StringData = new InputMap<string> { { "password", password }, { "user", tenant } },
        }, options);
        var account = new Kubernetes.Core.V1.ServiceAccount(
            $"{tenant}-account", new ServiceAccountArgs { Metadata = place }, options);
        _ = new Kubernetes.Rbac.V1.RoleBinding($"{tenant}-binding", new RoleBindingArgs
        {
            RoleRef = new RoleRefArgs { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = "view" },
            Subjects =
            {
                new SubjectArgs
                {
                    Kind = "ServiceAccount",
                    Name = account.Metadata.Apply(metadata => metadata.Name),
                    Namespace = tenant,
                },
            },
        }, options);
    }
}
