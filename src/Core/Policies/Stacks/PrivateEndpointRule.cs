namespace ControlPlane.Policies.Stacks;

/// <summary>Keeps control planes, vaults and nodes off the internet.</summary>
public sealed record PrivateEndpointRule : PlanRule
{
    private const string Cluster = "aws:eks/cluster:Cluster";
    private const string AzureCluster = "azure:containerservice/kubernetesCluster:KubernetesCluster";

    private const string AzurePool = "azure:containerservice/kubernetesClusterNodePool:KubernetesClusterNodePool";

    // Flags that must have a value; where a flag is left out the provider decides against privacy.
    private static readonly Seq<DemandedFlag> Flags =
    [
        new(Cluster, "vpcConfig.endpointPublicAccess", false, MayBeLeftOut: false),
        new(Cluster, "vpcConfig.endpointPrivateAccess", true, MayBeLeftOut: false),
        new(AzureCluster, "privateClusterEnabled", true, MayBeLeftOut: false),
        new(AzureCluster, "privateClusterPublicFqdnEnabled", false, MayBeLeftOut: true),
        new(AzureCluster, "defaultNodePool.nodePublicIpEnabled", false, MayBeLeftOut: true),
        new(AzurePool, "nodePublicIpEnabled", false, MayBeLeftOut: true),
        new("aws:ec2/subnet:Subnet", "mapPublicIpOnLaunch", false, MayBeLeftOut: true),
        new("aws:ec2/launchTemplate:LaunchTemplate", "networkInterfaces[].associatePublicIpAddress", false, true),
        new("aws:rds/instance:Instance", "publiclyAccessible", false, MayBeLeftOut: true),
        new("azure:storage/account:Account", "publicNetworkAccessEnabled", false, MayBeLeftOut: false),
    ];

    private static readonly Seq<string> Anywhere = ["*", "0.0.0.0/0", "::/0", "Internet", "Any"];

    public override string Name => "private-endpoints";

    public override string Demand => "Control planes, vaults and nodes are reached over private networks only.";

    public override string Remedy => "Turn public access off and reach the endpoint from a joined network.";

    public override PlanSeverity Severity => PlanSeverity.High;

    public override IEnumerable<PlanFinding> Judge(PlanCase at, PlannedResource resource)
    {
        foreach (var flag in Flags.Where(flag => flag.Type == resource.Type))
        {
            foreach (var (path, value) in PlanPaths.Find(resource.Properties, flag.Path))
            {
                if (value.IsUnknown) yield return Undecided(resource, path);
                else if (value.Flag is { } given ? given != flag.Wanted : !flag.MayBeLeftOut)
                    yield return Broken(resource, $"{path} is {Show(value)}; it must be {Show(flag.Wanted)}");
            }
        }

        var others = resource.Type switch
        {
            "azure:keyvault/keyVault:KeyVault" => Vault(resource),
            "aws:ec2/securityGroup:SecurityGroup" => SecurityGroup(resource),
            "azure:network/networkSecurityGroup:NetworkSecurityGroup" => AzureSecurityGroup(resource),
            "kubernetes:core/v1:Service" => KubernetesEntry(resource),
            _ => [],
        };
        foreach (var finding in others) yield return finding;
    }

    private IEnumerable<PlanFinding> Vault(PlannedResource resource)
    {
        var open = resource.Properties["publicNetworkAccessEnabled"];
        var action = resource.Properties.At("networkAcls.defaultAction");
        if (open.Flag == false || action.Text == "Deny") yield break;
        if (open.IsUnknown || action.IsUnknown) yield return Undecided(resource, "networkAcls.defaultAction");
        else yield return Broken(resource, "the vault answers every network; networkAcls.defaultAction must be Deny");
    }

    private IEnumerable<PlanFinding> SecurityGroup(PlannedResource resource)
    {
        var blocks = PlanPaths.Find(resource.Properties, "ingress[].cidrBlocks[]")
            .Concat(PlanPaths.Find(resource.Properties, "ingress[].ipv6CidrBlocks[]"));
        foreach (var (path, value) in blocks)
        {
            if (value.IsUnknown) yield return Undecided(resource, path);
            else if (value.Text is { } block && Anywhere.Contains(block))
                yield return Broken(resource, $"{path} is {block}, which lets the whole internet in");
        }
    }

    private IEnumerable<PlanFinding> AzureSecurityGroup(PlannedResource resource)
    {
        foreach (var rule in resource.Properties["securityRules"].Items)
        {
            if (rule["direction"].Text != "Inbound" || rule["access"].Text != "Allow") continue;
            var source = rule["sourceAddressPrefix"];
            if (source.IsUnknown) yield return Undecided(resource, "securityRules.sourceAddressPrefix");
            if (source.Text is { } prefix && Anywhere.Contains(prefix))
                yield return Broken(resource, $"security rule {rule["name"].Text} lets {prefix} in");
        }
    }

    private IEnumerable<PlanFinding> KubernetesEntry(PlannedResource resource)
    {
        var kind = resource.Properties.At("spec.type");
        if (kind.IsUnknown) yield return Undecided(resource, "spec.type");
        if (kind.Text is "LoadBalancer" or "NodePort")
            yield return Broken(
                resource, $"spec.type is {kind.Text}; work is reached through ClusterIP and a joined network");
    }

    private static string Show(PlanValue value) => value.Flag is { } flag ? Show(flag) : "left out";

    private static string Show(bool flag) => flag ? "true" : "false";

    private sealed record DemandedFlag(string Type, string Path, bool Wanted, bool MayBeLeftOut);
}
