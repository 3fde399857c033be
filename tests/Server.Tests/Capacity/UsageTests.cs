using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Capacity;
using ControlPlane.Server.Capacity;
using ControlPlane.Server.Tests.Api;

namespace ControlPlane.Server.Tests.Capacity;

public sealed class UsageTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly DateTimeOffset now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_was_measured_elsewhere_is_shown_and_forecast()
    {
        var today = DateTimeOffset.UtcNow.Date;
        var rows = new JsonArray([.. Enumerable.Range(1, 60).Select(day => (JsonNode)new JsonObject
        {
            ["hour"] = today.AddDays(-day).ToString("yyyy-MM-dd'T'00:00:00'Z'", null),
            ["region"] = "fr-one", ["sku"] = "h100", ["usedMilli"] = 1000 * (62 - day) / 4,
        })]);

        var taken = await PostAsync(new JsonObject { ["rows"] = rows });
        var again = await PostAsync(new JsonObject { ["rows"] = rows.DeepClone() });
        var listed = await GetAsync("v1/usage?region=fr-one&sku=h100&page_size=500");
        var outlook = (await GetAsync("v1/reports/forecast?region=fr-one&sku=h100&days=120"))["outlooks"]![0]!;
        var tested = (await GetAsync("v1/reports/backtest?days=5"))["series"]!.AsArray()
            .Single(row => $"{row!["region"]}{row["sku"]}" == "fr-oneh100")!;

        Assert.Equal("""{"taken":60,"kept":0}""", taken.Body);
        Assert.Equal(taken.Body, again.Body);
        Assert.True(listed["usage"]!.AsArray().Count >= 60);
        Assert.Equal(60, (int)outlook["historySteps"]!);
        Assert.Equal(32, (double)outlook["limit"]!);
        // Steady growth by a quarter of one a day from 15.25 reaches 32 after the 30 days that 60 allow to see.
        Assert.Null(outlook["runsOutP50"]);
        Assert.Equal(30, outlook["points"]!.AsArray().Count);
        Assert.InRange((double)outlook["points"]![29]!["p50"]!, 20, 24);
        Assert.True((double)tested["error"]! < (double)tested["lastValueError"]!, $"{tested}");
    }

    [Fact]
    public async Task What_is_not_there_is_named_and_figures_come_in_the_unit_that_is_asked_for()
    {
        using var region = await server.Http.GetAsync("v1/reports/forecast?region=fr-onne&sku=h1000");
        using var usage = await server.Http.GetAsync("v1/usage?region=fr-onne");
        var megawatts = (await GetAsync("v1/reports/capacity?by=region&unit=megawatts"))["total"]!;

        Assert.Equal(
            ["?region region-unknown", "?sku accelerator-unknown"],
            JsonNode.Parse(await region.Content.ReadAsStringAsync())!["errors"]!.AsArray()
                .Select(error => $"{error!["pointer"]} {error["slug"]}"));
        Assert.Contains("did you mean 'fr-one'?", await usage.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        // 96 of 700 W each, with a PUE of 1.2.
        Assert.Equal(0.08064m, (decimal)megawatts["installed"]!);
    }

    [Fact]
    public async Task Every_bad_row_is_named_and_nothing_is_taken_in()
    {
        var (status, body) = await PostAsync(JsonNode.Parse("""
            { "rows": [
              { "hour": "2026-03-01T10:00:00Z", "region": "us-one", "usedMilli": 1 },
              { "hour": "2026-03-01T10:30:00Z", "region": "us-one", "usedMilli": 1 },
              { "hour": "2026-03-01T10:00:00Z", "region": "us-two", "sku": "h1000", "usedMilli": 1 }
            ] }
            """)!);
        var listed = await GetAsync("v1/usage?region=us-one&sku=h100");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal(
            ["/rows/1/hour time-format", "/rows/2/region region-unknown", "/rows/2/sku accelerator-unknown"],
            JsonNode.Parse(body)!["errors"]!.AsArray().Select(error => $"{error!["pointer"]} {error["slug"]}"));
        Assert.DoesNotContain(listed["usage"]!.AsArray(), row => $"{row!["hour"]}".StartsWith("2026-03",
            StringComparison.Ordinal));
    }

    [Fact]
    public async Task Old_hours_become_days_and_what_is_too_old_goes()
    {
        var store = new UsageStore(server.Database.Database);
        UsageRow Row(DateTimeOffset hour, long milli) => new(new("de-one"), new SkuId("h100"), hour, milli);
        await store.AddAsync(
        [
            Row(now.AddDays(-100), 1_000), Row(now.AddDays(-100).AddHours(1), 3_000), Row(now.AddDays(-2_000), 9_000),
            Row(now.AddDays(-80), 5_000),
        ], default);

        await store.ThinAsync(now, default);
        await store.ThinAsync(now, default);

        var kept = await store.ListAsync(("de-one", "h100", null), ("", 100), default);
        Assert.Equal(
            [
                Row(new(now.AddDays(-100).Date, TimeSpan.Zero), 2_000) with { StepHours = 24 },
                Row(now.AddDays(-80), 5_000),
            ],
            kept.Where(row => row.Hour < now));
    }

    [Fact]
    public async Task What_is_declared_no_more_is_listed_as_long_as_it_is_kept()
    {
        var store = new UsageStore(server.Database.Database);
        await store.AddAsync([new(new("nl-gone"), new SkuId("k80"), now.AddDays(-10), 5_000)], default);

        var byRegion = await GetAsync("v1/usage?region=nl-gone");
        var bySku = await GetAsync("v1/usage?sku=k80");
        using var none = await server.Http.GetAsync("v1/usage?region=nl-gone&sku=k81");
        using var forecast = await server.Http.GetAsync("v1/reports/forecast?region=nl-gone");

        Assert.Equal(5, (decimal)Assert.Single(byRegion["usage"]!.AsArray())!["accelerators"]!);
        Assert.Equal(byRegion.ToJsonString(), bySku.ToJsonString());
        Assert.Equal(
            ["?sku accelerator-unknown"],
            JsonNode.Parse(await none.Content.ReadAsStringAsync())!["errors"]!.AsArray()
                .Select(error => $"{error!["pointer"]} {error["slug"]}"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, forecast.StatusCode);
    }

    private async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await server.Http.GetStringAsync(path))!;

    private async Task<(HttpStatusCode Status, string Body)> PostAsync(JsonNode body)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await server.Http.PostAsync("v1/usage:import", content);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
