using System.Text.Json;
using ControlPlane.Policies.Stacks;
using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Policies.Stacks;

public sealed class PlanRulesTests
{
    private const string Unknown = "\"" + PlanValue.UnknownMarker + "\"";
    private static readonly Fleet Shipped = RegionFiles.Parse(Checkout.Read("regions")).Value;
    private static readonly DateTimeOffset AsOf = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    private const string Tags = """
        "tags": { "cplane-cluster": "de-aws-frankfurt-eks", "cplane-jurisdiction": "DE",
          "cplane-operator": "aws-emea", "cplane-region": "de-aws-frankfurt", "cplane-site": "de-aws-frankfurt-a" }
        """;

    public static TheoryData<string, string, string> Frankfurt => new()
    {
        // Allowed.
        { "aws:ec2/vpc:Vpc", $$"""{ "cidrBlock": "10.0.0.0/16", {{Tags}} }""", "" },
        { "pulumi:providers:aws", """{ "region": "eu-central-1" }""", "" },
        { "aws:ec2/routeTableAssociation:RouteTableAssociation", "{}", "" },
        { "aws:iam/role:Role", $$"""{ "p": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy", {{Tags}} }""", "" },
        // Where.
        {
            "pulumi:providers:aws",
            """{ "region": "us-east-1" }""",
            "provider-region Broken region: aws region us-east-1 lies in US, outside DE"
        },
        {
            "pulumi:providers:aws",
            """{ "region": "eu-central-9" }""",
            "provider-region Broken region: aws region eu-central-9 is not in the catalogue, so no jurisdiction is "
                + "known for it"
        },
        {
            "pulumi:providers:aws",
            """{ "region": "eusc-de-east-1" }""",
            "provider-region Broken region is eusc-de-east-1; declared are eu-central-1"
        },
        {
            "pulumi:providers:aws",
            "{}",
            "provider-region Broken region is not pinned; the region file decides it, not an environment"
        },
        {
            "pulumi:providers:aws",
            $$"""{ "region": {{Unknown}} }""",
            "provider-region Undecided region is not known yet"
        },
        {
            "aws:ec2/subnet:Subnet",
            $$"""{ "availabilityZone": "eu-west-1a", {{Tags}} }""",
            "provider-region Broken availabilityZone is eu-west-1a, which lies in no declared region"
        },
        {
            "aws:ec2/vpc:Vpc",
            $$"""{ "region": "eu-west-1", {{Tags}} }""",
            "provider-region Broken region: aws region eu-west-1 lies in IE, outside DE"
        },
        // Who.
        {
            "pulumi:providers:azure",
            "{}",
            "allowed-providers Broken provider azure is not one that the region file declares (aws)"
        },
        {
            "gcp:storage/bucket:Bucket",
            "{}",
            "allowed-providers Broken provider gcp is not one that the region file declares (aws)"
        },
        // Copies.
        {
            "aws:kms/key:Key",
            $$"""{ "multiRegion": true, {{Tags}} }""",
            "no-copies-abroad Broken multiRegion is true; the key's material could be copied to any region"
        },
        {
            "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
            """{ "rules": [{ "destination": { "bucket": "arn:aws:s3:::copy" } }] }""",
            ""
        },
        {
            "aws:backup/plan:Plan",
            """
            {
                "rules": [{ "copyActions": [{ "destinationVaultArn": "arn:aws:backup:us-east-1:1:backup-vault:b" }] }]
            }
            """,
            "no-copies-abroad Broken rules[0].copyActions[0].destinationVaultArn names "
                + "arn:aws:backup:us-east-1:1:backup-vault:b: aws region us-east-1 lies in US, outside DE"
        },
        {
            "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
            """{ "destinationArn": "arn:aws:kinesis:eu-west-1:1:stream/s" }""",
            "no-copies-abroad Broken destinationArn names arn:aws:kinesis:eu-west-1:1:stream/s: aws region eu-west-1 "
                + "lies in IE, outside DE"
        },
        {
            "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
            """{ "peerRegion": "us-west-2" }""",
            "no-copies-abroad Broken peerRegion: aws region us-west-2 lies in US, outside DE"
        },
        {
            "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
            $$"""{ "peerRegion": {{Unknown}} }""",
            "no-copies-abroad Undecided peerRegion is not known yet"
        },
        // Keys.
        {
            "aws:ebs/volume:Volume",
            """{ "encrypted": true }""",
            "customer-held-keys Broken kmsKeyId is missing, so the provider's own key would encrypt it"
        },
        {
            "aws:ebs/volume:Volume",
            """{ "kmsKeyId": "alias/aws/ebs" }""",
            "customer-held-keys Broken kmsKeyId is alias/aws/ebs, a key of the provider"
        },
        { "aws:ebs/volume:Volume", $$"""{ "kmsKeyId": {{Unknown}} }""", "" },
        // Doors.
        {
            "aws:eks/cluster:Cluster",
            $$"""{ "vpcConfig": {}, "encryptionConfig": { "provider": { "keyArn": {{Unknown}} } }, {{Tags}} }""",
            "private-endpoints Broken vpcConfig.endpointPublicAccess is left out; it must be false|private-endpoints "
                + "Broken vpcConfig.endpointPrivateAccess is left out; it must be true"
        },
        {
            "aws:ec2/securityGroup:SecurityGroup",
            $$"""{ "ingress": [{ "cidrBlocks": ["0.0.0.0/0"] }], {{Tags}} }""",
            "private-endpoints Broken ingress[0].cidrBlocks[0] is 0.0.0.0/0, which lets the whole internet in"
        },
        {
            "kubernetes:core/v1:Service",
            """{ "spec": { "type": "LoadBalancer" } }""",
            "private-endpoints Broken spec.type is LoadBalancer; work is reached through ClusterIP and a joined network"
        },
        // Tags.
        {
            "aws:ec2/vpc:Vpc",
            """{ "tags": { "cplane-cluster": "de-aws-frankfurt-eks", "cplane-region": "fr-aws-paris" } }""",
            "tags Broken tags cplane-jurisdiction, cplane-operator, cplane-site are missing|tags Broken tag "
                + "cplane-region is fr-aws-paris, but for cluster de-aws-frankfurt-eks it is de-aws-frankfurt"
        },
        { "aws:ec2/vpc:Vpc", $$"""{ "tags": {{Unknown}} }""", "tags Undecided tags is not known yet" },
    };

    [Theory]
    [MemberData(nameof(Frankfurt))]
    public void Judges_a_resource_of_a_region_on_AWS(string type, string properties, string expected)
    {
        var findings = Judge("de-aws-frankfurt", [Resource(type, properties)]);

        Assert.Equal(expected, string.Join('|', findings));
    }

    [Theory]
    [InlineData("azure:core/resourceGroup:ResourceGroup", """{ "location": "Germany West Central" }""", "tags")]
    [InlineData("azure:core/resourceGroup:ResourceGroup", """{ "location": "westeurope" }""", "provider-region,tags")]
    [InlineData(
        "azure:storage/account:Account",
        """
        {
            "accountReplicationType": "GRS",
            "publicNetworkAccessEnabled": false,
            "customerManagedKey": { "keyVaultKeyId": "k" }
        }
        """,
        "no-copies-abroad")]
    [InlineData("azure:keyvault/key:Key", """{ "keyType": "RSA" }""", "customer-held-keys,tags")]
    [InlineData(
        "azure:keyvault/keyVault:KeyVault", """{ "networkAcls": { "defaultAction": "Allow" } }""",
        "private-endpoints,tags")]
    [InlineData(
        "azure:cosmosdb/account:Account", """{ "geoLocations": [{ "location": "eastus2" }] }""", "no-copies-abroad")]
    [InlineData(
        "azure:network/networkSecurityGroup:NetworkSecurityGroup",
        """
        {
            "securityRules": [{ "name": "in", "direction": "Inbound", "access": "Allow", "sourceAddressPrefix": "*" }]
        }
        """,
        "private-endpoints,tags")]
    public void Judges_a_resource_of_a_region_on_Azure(string type, string properties, string expected)
    {
        var findings = Judge("de-azure-frankfurt", [Resource(type, properties)]);

        Assert.Equal(
            expected,
            string.Join(',', findings.Select(finding => finding.Split(' ')[0]).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("de-aws-frankfurt-l4", "24", "g6.48xlarge", "")]
    [InlineData(
        "de-aws-frankfurt-l4", "25", "g6.48xlarge",
        "capacity Broken it may grow to 25 nodes; pool de-aws-frankfurt-l4 declares 24")]
    [InlineData(
        "de-aws-frankfurt-l4", "24", "p5.48xlarge",
        "capacity Broken machine type p5.48xlarge has nvidia-h100-sxm5-80gb; pool de-aws-frankfurt-l4 declares "
            + "nvidia-l4")]
    [InlineData(
        "de-aws-frankfurt-h100", "1", "p5.48xlarge",
        "capacity Broken label cplane-pool is de-aws-frankfurt-h100, a pool that the region file does not declare")]
    [InlineData(
        "de-aws-frankfurt-a100-80", "16", "p4de.24xlarge",
        "capacity Broken it may grow to 16 nodes; reserved for pool de-aws-frankfurt-a100-80 are 0")]
    [InlineData(
        "de-aws-frankfurt-l4", Unknown, "g6.48xlarge", "capacity Undecided the number of nodes is not known yet")]
    public void Keeps_machines_within_what_is_declared(string pool, string nodes, string type, string expected)
    {
        var properties = $$"""
            {
                "labels": { "cplane-pool": "{{pool}}" },
                "instanceTypes": ["{{type}}"],
                "scalingConfig": { "maxSize": {{nodes}} },
                {{Tags}}
            }
            """;

        var findings = Judge("de-aws-frankfurt", [Resource("aws:eks/nodeGroup:NodeGroup", properties)]);

        Assert.Equal(expected, string.Join('|', findings));
    }

    [Fact]
    public void Keeps_machines_within_the_power_of_the_site()
    {
        var groups = Enumerable.Range(0, 20).Select(index => Resource(
            "aws:eks/nodeGroup:NodeGroup",
            $$"""
            {
                "labels": { "cplane-pool": "de-aws-frankfurt-a100" },
                "scalingConfig": { "maxSize": 32 },
                {{Tags}}
            }
            """));

        var findings = Judge("de-aws-frankfurt", groups.ToSeq());

        Assert.StartsWith(
            "capacity Broken the machines at site de-aws-frankfurt-a draw ",
            Assert.Single(findings),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_tenant_needs_a_quota_and_a_policy_that_denies()
    {
        var tenant = Resource(
            "kubernetes:core/v1:Namespace",
            """{ "metadata": { "name": "tenant-a", "labels": { "cplane-tenant": "a" } } }""");
        var quota = Resource("kubernetes:core/v1:ResourceQuota", """{ "metadata": { "namespace": "tenant-a" } }""");
        var open = Resource(
            "kubernetes:networking.k8s.io/v1:NetworkPolicy",
            """
            {
                "metadata": { "namespace": "tenant-a" },
                "spec": { "podSelector": {}, "policyTypes": ["Ingress"] }
            }
            """);
        var shut = Resource(
            "kubernetes:networking.k8s.io/v1:NetworkPolicy",
            """
            {
                "metadata": { "namespace": "tenant-a" },
                "spec": { "podSelector": {}, "policyTypes": ["Ingress", "Egress"] }
            }
            """);

        Assert.Equal(
            [
                "tenant-isolation Broken namespace tenant-a has no quota",
                "tenant-isolation Broken namespace tenant-a has no network policy that denies by default",
            ],
            Judge("de-stackit", [tenant, open]));
        Assert.Empty(Judge("de-stackit", [tenant, quota, shut]));
    }

    [Fact]
    public void Missing_tags_can_be_put_right()
    {
        var at = At("de-aws-frankfurt");
        var resource = Resource("aws:ec2/vpc:Vpc", """{ "cidrBlock": "10.0.0.0/16", "tags": { "own": "1" } }""");

        var better = resource with { Properties = new TagRule().Remediate(at, resource)! };

        Assert.Empty(Judge("de-aws-frankfurt", [better]));
        Assert.Equal("1", better.Properties["tags"]["own"].Text);
        Assert.Null(new TagRule().Remediate(at, better));
    }

    [Fact]
    public void Default_providers_are_refused()
    {
        var resource = Resource("aws:ec2/vpc:Vpc", $$"""{ {{Tags}} }""") with
        {
            Provider = new PlannedProvider(
                "pulumi:providers:aws", "default_7_48_0", Map("""{ "region": "eu-central-1" }""")),
        };

        Assert.Equal(
            ["allowed-providers Broken it is made by the default provider of aws, which is pinned to no region"],
            Judge("de-aws-frankfurt", [resource]));
    }

    [Fact]
    public void A_sentence_names_file_rule_and_reason()
    {
        var finding = new ProviderRegionRule().Judge(
            At("de-aws-frankfurt"), Resource("pulumi:providers:aws", """{ "region": "us-east-1" }"""));

        Assert.Equal(
            "regions/de-aws-frankfurt.yaml: rule provider-region: region: aws region us-east-1 lies in US, outside DE",
            Assert.Single(finding).Sentence("regions/de-aws-frankfurt.yaml"));
    }

    private static List<string> Judge(string region, Seq<PlannedResource> resources) =>
    [
        .. PlanRules.Judge(At(region), resources)
            .Where(finding => finding.Outcome != PlanOutcome.NotApplicable)
            .Select(finding => $"{finding.Rule} {finding.Outcome} {finding.Because}"),
    ];

    private static PlanCase At(string region) => new(Shipped, Shipped.FindRegion(new(region))!, AsOf);

    private static PlannedResource Resource(string type, string properties) =>
        new() { Urn = $"urn:{type}", Type = type, Name = "it", Properties = Map(properties) };

    private static PlanMap Map(string json)
    {
        using var document = JsonDocument.Parse(json);
        return (PlanMap)PlanValue.Of(document.RootElement);
    }
}
