using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Server.Tests.Database;
using ControlPlane.Server.Tests.Hosting;
using ControlPlane.Server.Tests.Trace;
using Xunit.Abstractions;

namespace ControlPlane.Server.Tests.Chaos;

/// <summary>
/// Two server processes on one database under concurrent load, and a third elsewhere in the world that judges.
/// </summary>
public sealed class TwoServersTests(TestDatabase database, ITestOutputHelper output)
    : IClassFixture<TestDatabase>, IDisposable
{
    private const int Clients = 8;
    private const int LeastAcknowledged = 300;

    /// <summary>Another language's casing and sorting, a quarter-hour time zone, one core.</summary>
    private static readonly Dictionary<string, string> Elsewhere = new()
    {
        ["LANG"] = "tr_TR.UTF-8",
        ["LC_ALL"] = "tr_TR.UTF-8",
        ["TZ"] = "Asia/Kathmandu",
        ["DOTNET_PROCESSOR_COUNT"] = "1",
        ["DOTNET_TieredPGO"] = "0",
    };

    private readonly TestDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Nothing_is_overcommitted_and_every_answer_is_given_again_to_the_byte_by_a_server_elsewhere()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var clients = Enumerable.Range(0, Clients)
            .Select(index => new TrafficClient($"c{index}", seed + index))
            .ToList();
        await using (var first = await StartAsync("first"))
        await using (var second = await StartAsync("second"))
        {
            await RunAsync(clients, [first, second]);
            // Each client's answers, from the server that did not give them.
            for (var index = 0; index < Clients; index++)
                await clients[index].SettleAsync((index % 2 == 0 ? second : first).Http);
            await LedgerAudit.AssertPlacementsAsync(first.Http, clients);
            await LedgerAudit.AssertPlacementsAsync(second.Http, clients);
        }

        await using var elsewhere = await StartAsync("elsewhere", Elsewhere);
        foreach (var client in clients) await client.RepeatAllAsync(elsewhere.Http);
        foreach (var sent in clients.SelectMany(client => client.All)) await AssertReplaysAsync(sent, elsewhere.Http);
        var export = await LedgerFold.ExportAsync(elsewhere.Http);
        LedgerAudit.AssertSound(export);
        await AssertSameEverywhereAsync(export);
        output.WriteLine($"{export.Count} records, {clients.Sum(client => client.Acknowledged)} acknowledged writes");
    }

    private Task<ServerProcess> StartAsync(string name, Dictionary<string, string>? environment = null) =>
        ServerProcess.StartAsync(
            environment ?? [],
            [
                "--database", database.ConnectionString, "--data", directory.In(name), "--log-level", "error",
                .. DeclaredTree.WriteTo(directory.Path),
            ]);

    private static async Task RunAsync(List<TrafficClient> clients, ServerProcess[] servers)
    {
        using var stop = new CancellationTokenSource();
        var traffic = clients.Select((client, index) =>
            Task.Run(() => client.RunAsync(() => servers[index % servers.Length].Http, stop.Token))).ToList();
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (clients.Sum(client => client.Acknowledged) < LeastAcknowledged
            && !traffic.Exists(task => task.IsFaulted))
        {
            Assert.True(DateTime.UtcNow < deadline, $"fewer than {LeastAcknowledged} writes acknowledged in 60 s");
            await Task.Delay(20);
        }

        await stop.CancelAsync();
        await Task.WhenAll(traffic);
    }

    /// <summary>
    /// The decision is made again on the world of then, and everything but the reasons is what the client got.
    /// </summary>
    private static async Task AssertReplaysAsync(Sent sent, HttpClient server)
    {
        var told = JsonNode.Parse(sent.Answer!.Body)!; // settled before
        var replay = JsonNode.Parse(await server.GetStringAsync(
            new Uri($"/v1/decisions/{told["id"]}/replay", UriKind.Relative)))!;

        Assert.True((bool)replay["same"]!, $"{sent.Key}: {replay}");
        Assert.Equal((string?)replay["recordedDigest"], (string?)replay["replayedDigest"]);
        var again = replay["answer"] ?? replay;
        foreach (var field in new[] { "outcome", "id", "position", "decidedAt", "placement", "refusal" })
            Assert.Equal(told[field]?.ToJsonString(), again[field]?.ToJsonString());
    }

    private async Task AssertSameEverywhereAsync(List<string> export)
    {
        var file = directory.In("ledger.jsonl");
        await File.WriteAllLinesAsync(file, export);
        string[] verify = ["ledger", "verify", "--replay", "--file", file, "-o", "json"];

        var here = await Cplane.RunAsync(new Dictionary<string, string>(), verify);
        var there = Cplane.HasCultures
            ? await Cplane.RunWithCulturesAsync(Elsewhere, directory.In("cultures.json"), verify)
            : await Cplane.RunAsync(Elsewhere, verify);
        output.WriteLine(
            Cplane.HasCultures ? "replayed under tr_TR" : "no culture data here: replayed under the invariant culture");

        Assert.True(here.ExitCode == 0, $"{here}");
        Assert.Equal(here.Output, there.Output);
        Assert.Equal(export.Count, JsonDocument.Parse(here.Output).RootElement.GetProperty("position").GetInt64());
    }
}
