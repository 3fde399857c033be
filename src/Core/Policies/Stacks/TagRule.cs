using ControlPlane.Regions.Stacks;

namespace ControlPlane.Policies.Stacks;

/// <summary>Demands that what the clouds hold tells which region, site and cluster it belongs to, truly.</summary>
public sealed record TagRule : PlanRule
{
    // Types that take tags; a type outside the list is judged only where it carries some.
    private static readonly Seq<string> Tagged =
    [
        "aws:ec2/capacityBlockReservation:CapacityBlockReservation", "aws:ec2/capacityReservation:CapacityReservation",
        "aws:ec2/eip:Eip", "aws:ec2/internetGateway:InternetGateway", "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/natGateway:NatGateway", "aws:ec2/placementGroup:PlacementGroup", "aws:ec2/routeTable:RouteTable",
        "aws:ec2/securityGroup:SecurityGroup", "aws:ec2/subnet:Subnet", "aws:ec2/vpc:Vpc",
        "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:eks/cluster:Cluster", "aws:eks/nodeGroup:NodeGroup",
        "aws:iam/role:Role", "aws:kms/key:Key",
        "azure:authorization/userAssignedIdentity:UserAssignedIdentity",
        "azure:compute/capacityReservation:CapacityReservation",
        "azure:compute/capacityReservationGroup:CapacityReservationGroup",
        "azure:compute/diskEncryptionSet:DiskEncryptionSet",
        "azure:containerservice/kubernetesCluster:KubernetesCluster",
        "azure:containerservice/kubernetesClusterNodePool:KubernetesClusterNodePool",
        "azure:core/resourceGroup:ResourceGroup", "azure:keyvault/key:Key", "azure:keyvault/keyVault:KeyVault",
        "azure:network/networkSecurityGroup:NetworkSecurityGroup", "azure:network/virtualNetwork:VirtualNetwork",
    ];

    public override string Name => "tags";

    public override string Demand =>
        $"Resources carry the tags {string.Join(", ", PlanTags.Demanded)}, and they are true.";

    public override string Remedy => "Give the resource the tags of its cluster.";

    public override PlanSeverity Severity => PlanSeverity.Medium;

    public override IEnumerable<PlanFinding> Judge(PlanCase at, PlannedResource resource)
    {
        var tags = resource.Properties["tags"];
        if (resource.Package is not ("aws" or "azure") || resource.IsProvider) yield break;
        if (!Tagged.Contains(resource.Type) && tags.IsMissing) yield break;
        if (tags.IsUnknown)
        {
            yield return Undecided(resource, "tags");
            yield break;
        }

        var missing = PlanTags.Demanded.Where(tag => tags[tag].IsMissing).ToList();
        if (missing.Count > 0) yield return Broken(resource, $"tags {string.Join(", ", missing)} are missing");
        foreach (var finding in Truth(at, resource, tags)) yield return finding;
    }

    public override PlanMap? Remediate(PlanCase at, PlannedResource resource)
    {
        var clusters = at.Clusters.ToList();
        // With several clusters in a region only the program knows which one a resource belongs to.
        if (clusters.Count != 1 || !Tagged.Contains(resource.Type) || resource.Properties["tags"].IsUnknown)
            return null;
        var given = resource.Properties["tags"].Bare is PlanMap map ? map : PlanMap.Empty;
        var missing = RegionPlanner.Tags(clusters[0]).Where(tag => given[tag.Name].IsMissing).ToList();
        if (missing.Count == 0) return null;
        var whole = given.Fields.Select(field => (field.Name, field.Value))
            .Concat(missing.Select(tag => (tag.Name, (PlanValue)new PlanText(tag.Value))));
        return PlanMap.Of(resource.Properties.Fields
            .Where(field => field.Name != "tags")
            .Select(field => (field.Name, field.Value))
            .Append(("tags", PlanMap.Of(whole))));
    }

    private IEnumerable<PlanFinding> Truth(PlanCase at, PlannedResource resource, PlanValue tags)
    {
        var cluster = at.Clusters.FirstOrDefault(item => item.Id.Value == tags[PlanTags.Cluster].Text);
        if (tags[PlanTags.Cluster].Text is { } name && cluster is null)
            yield return Broken(resource, $"tag {PlanTags.Cluster} is {name}, which the region file does not declare");
        if (cluster is null) yield break;
        foreach (var tag in RegionPlanner.Tags(cluster))
        {
            if (tags[tag.Name].Text is { } given && given != tag.Value)
                yield return Broken(
                    resource, $"tag {tag.Name} is {given}, but for cluster {cluster} it is {tag.Value}");
        }
    }
}
