using System.Text.Json.Nodes;
using ControlPlane.Server.Tests.Api;

namespace ControlPlane.Server.Tests.Capacity;

public sealed class DataTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Data_without_a_copy_breaks_promises_and_the_plan_says_which_copy_keeps_them()
    {
        var placed = await PlaceAsync("reader", "acme-data", "scans");

        var plan = await server.GetAsync("/v1/reports/data?months=1");
        var drill = await server.PostAsync("/v1/drills", """{"scenario":"region-lost de-one"}""");
        var survival = await server.GetAsync("/v1/reports/survival?scenario=region-lost%20de-one");

        Assert.Equal(201, placed.Status);
        Assert.Equal("de-one", (string)placed.Json["placement"]!["places"]![0]!["region"]!);
        // 1024 GiB and a month of 8 GiB a day at 2 cents; 1024 GiB over half of 100 Gbit/s.
        var copy = Assert.Single(plan.Json["standbyCopies"]!.AsArray())!;
        Assert.Equal(("scans", "fr-one-a", 20.48m, 4.87m, 176), (
            (string)copy["dataset"]!, (string)copy["site"]!, (decimal)copy["firstUsd"]!, (decimal)copy["usdPerMonth"]!,
            (int)copy["firstSeconds"]!));
        var promise = Assert.Single(plan.Json["promises"]!.AsArray())!;
        Assert.Equal(("region-lost de-one", 600, null, 151, true), (
            (string)promise["scenario"]!, (int)promise["promisedSeconds"]!, (int?)promise["todaySeconds"],
            (int)promise["withCopiesSeconds"]!, (bool)promise["keptWithCopies"]!));
        var options = plan.Json["workloads"]![0]!["options"]!.AsArray();
        Assert.Equal(["nothing", "both"], options.Select(option => (string)option!["moves"]!).Take(2));
        var move = Assert.Single(drill.Json["drill"]!["moves"]!.AsArray())!;
        Assert.Equal(("recovers", false, true), (
            (string)move["outcome"]!, (bool)move["hasLawfulData"]!, (bool)move["broken"]!));
        Assert.False((bool)survival.Json["scenarios"]![0]!["survives"]!);
        var lost = Assert.Single(drill.Json["drill"]!["lostDatasets"]!.AsArray())!;
        Assert.Equal(("scans", "acme-data", 1), (
            (string)lost["dataset"]!, (string)lost["tenant"]!, (int)lost["readers"]!));
    }

    [Theory]
    [InlineData("acme-data", "scan", "did you mean 'scans'")]
    [InlineData("other", "scans", "is no known dataset of the tenant")]
    public async Task A_dataset_that_is_not_the_tenants_is_not_known(string tenant, string dataset, string says)
    {
        var answer = await PlaceAsync("stranger", tenant, dataset);

        Assert.Equal(422, answer.Status);
        Assert.Contains("dataset-unknown", answer.Text, StringComparison.Ordinal);
        Assert.Contains(says, answer.Text, StringComparison.Ordinal);
    }

    private Task<Reply> PlaceAsync(string name, string tenant, string dataset) =>
        server.PostAsync("/v1/placements", new JsonObject
        {
            ["tenant"] = tenant, ["workload"] = name, ["kind"] = "batch", ["dataClass"] = "public",
            ["residency"] = new JsonArray("EU"), ["homeRegion"] = "de-one",
            ["datasets"] = new JsonArray(dataset), ["labels"] = new JsonObject { ["recovery-seconds"] = "600" },
            ["accelerators"] = new JsonObject { ["count"] = 1 }, ["cpuMilli"] = 1000, ["memoryMib"] = 1024,
        }.ToJsonString());
}
