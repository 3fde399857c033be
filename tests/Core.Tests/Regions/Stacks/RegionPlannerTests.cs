using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Regions;
using ControlPlane.Regions.Stacks;

namespace ControlPlane.Core.Tests.Regions.Stacks;

public sealed class RegionPlannerTests
{
    private static readonly Fleet Shipped = RegionFiles.Parse(Checkout.Read("regions")).Value;
    private static readonly DateTimeOffset AsOf = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    [Fact]
    public void Every_shipped_region_with_Kubernetes_can_be_planned()
    {
        var regions = Shipped.Regions.Where(RegionPlanner.HasStack).ToList();

        var plans = regions
            .Select(region => RegionPlanner.Plan(Shipped, region.Id, SettingsText.For(region), AsOf))
            .ToList();

        Assert.Equal([], plans.SelectMany(plan => plan.Problems).Select(problem => problem.ToString()));
        var counts = plans.SelectMany(plan => plan.Value.Clusters)
            .CountBy(cluster => cluster.GetType().Name)
            .Select(count => $"{count.Key} {count.Value}")
            .Order(StringComparer.Ordinal);
        Assert.Equal(["AwsClusterPlan 16", "AzureClusterPlan 8", "OnPremClusterPlan 25"], counts);
    }

    [Theory]
    [InlineData("us-aws-oregon")]
    [InlineData("de-aws-eusc")]
    [InlineData("de-azure-frankfurt")]
    [InlineData("de-otc")]
    public void Equals_the_committed_plan(string region)
    {
        var settings = SettingsText.For(Shipped.FindRegion(new(region))!);

        var plan = RegionPlanner.Plan(Shipped, new(region), settings, AsOf).Value;

        Golden.Check($"tests/Core.Tests/golden/stacks/{region}.json", Text(plan));
    }

    [Fact]
    public void Short_names_of_pools_are_unique_and_short()
    {
        var plans = Shipped.Regions.Where(RegionPlanner.HasStack)
            .Select(region => RegionPlanner.Plan(Shipped, region.Id, SettingsText.For(region), AsOf))
            .SelectMany(plan => plan.Value.Clusters);

        Assert.All(plans, cluster =>
        {
            Assert.All(cluster.Pools, pool => Assert.Matches("^[a-z][a-z0-9]{0,11}$", pool.ShortName));
            Assert.Equal(cluster.Pools.Count, cluster.Pools.Select(pool => pool.ShortName).Distinct().Count());
        });
    }

    [Fact]
    public void Tells_all_that_is_missing_at_once()
    {
        var settings = SettingsText.Parse($"""
            schemaVersion: 1
            controlPlaneUrl: https://control.example
            agentImage: registry.example/agent@sha256:{new string('a', 64)}
            kubernetesVersion: "1.33"
            egress: private
            tenants:
              - tenant: klinik
                accelerators: 100000
                cpuMilli: 1
                memoryMib: 1
                pods: 1
              - tenant: klinik
                accelerators: 0
                cpuMilli: 1
                memoryMib: 1
                pods: 1
            clusters:
              - cluster: de-aws-eusc-esk
                addressBlock: 10.1.0.0/16
            """);

        var plan = RegionPlanner.Plan(Shipped, new("de-aws-eusc"), settings, AsOf);

        Assert.Equal(
            [
                "cluster-unknown clusters[0].cluster",
                "field-required clusters[de-aws-eusc-eks].addressBlock",
                "key-custody clusters[de-aws-eusc-eks].keyStore",
                "quota-over-capacity tenants[0].accelerators",
                "duplicate-id tenants[1].tenant",
            ],
            plan.Problems.Select(problem => $"{problem.Slug} {problem.Path}"));
    }

    [Fact]
    public void An_external_key_store_needs_a_claim_and_a_claim_needs_the_store()
    {
        var frankfurt = Shipped.FindRegion(new("de-aws-frankfurt"))!;
        var settings = SettingsText.For(frankfurt);
        var store = new KeyStoreSettings { StoreId = "cks-1", KeyId = "key-1" };
        var claimed = settings with { Clusters = [settings.Clusters[0] with { KeyStore = store }] };

        var plan = RegionPlanner.Plan(Shipped, frankfurt.Id, claimed, AsOf);

        Assert.Equal(["field-conflict"], plan.Problems.Select(problem => problem.Slug));
    }

    [Fact]
    public void A_region_without_Kubernetes_has_no_stack()
    {
        var without = Shipped.Regions
            .Where(region => !RegionPlanner.HasStack(region))
            .Select(region => region.Id.Value);

        Assert.Equal(
            [
                "ae-khazna-abudhabi",
                "gb-nscale-loughton",
                "in-neysa-hyderabad",
                "in-tcs-hypervault",
                "no-nscale",
                "pt-nscale-sines",
            ],
            without);
    }

    private static string Text(RegionPlan plan)
    {
        // Clusters are written as what they are, not as what the plan calls them.
        var clusters = plan.Clusters.Select(cluster => (object)cluster);
        var shown = new { plan.Region, plan.File, plan.Jurisdiction, Clusters = clusters, plan.LeftOut };
        return JsonSerializer.Serialize(shown, Readable) + "\n";
    }
}
