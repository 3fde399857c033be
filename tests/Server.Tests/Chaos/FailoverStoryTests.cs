using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using ControlPlane.Core.Tests;
using ControlPlane.Server.Tests.Api;
using ControlPlane.Server.Tests.Hosting;

namespace ControlPlane.Server.Tests.Chaos;

/// <summary>A site dies and comes back, with the programs that people run; what the screen says is compared.</summary>
public sealed partial class FailoverStoryTests
{
    [Fact]
    public async Task The_screen_tells_of_suspicion_loss_plan_moves_stays_recovery_and_the_way_home()
    {
        using var directory = new TestDirectory("story");
        foreach (var file in SmallFleet.Files().Concat(SmallPolicies.Files()))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(directory.In(file.Path))!);
            await File.WriteAllTextAsync(directory.In(file.Path), file.Text);
        }

        var data = directory.In("data");
        await using var server = await ServerProcess.StartAsync(
            "--data", data, "--regions", directory.In("regions"), "--policies", directory.In("policies"),
            "--lease", "2", "--hold-down", "2", "--failback-after", "2");
        using var agents = StartAgents(directory.Path, data, server.Id);
        try
        {
            await UntilAsync(async () => (await Ask("sites", "health", "-o", "name")).Split('\n').Length > 3);
            await PlaceAsync(server, "store", "exclusive", "");
            await PlaceAsync(
                server, "front", "exclusive", """, "dependsOn": [{"workload": "store", "within": "site"}]""");
            await PlaceAsync(server, "cache", "sticky", "");
            await Ask("sites", "kill", "de-one-a", "--data", data);
            var head = (await server.Http.GetFromJsonAsync<System.Text.Json.JsonElement>("/v1/ledger/head"))
                .GetProperty("position").GetInt64();
            var watching = Ask("moves", "watch", "--after", $"{head}", "--for", "110", "--until", "home");
            await Ask("moves", "watch", "--after", $"{head}", "--for", "60", "--until", "recovered");
            await Ask("sites", "heal", "de-one-a", "--data", data);

            var story = Words(await watching);

            Assert.Equal(Expected.ReplaceLineEndings("\n"), story);
        }
        finally
        {
            agents.Kill();
        }

        Task<string> Ask(params string[] arguments) => CplaneAsync(server, data, arguments);
    }

    private const string Expected = """
        de-one-a is suspected: silent for N s
        fence wait: it is lost after N s of silence, when nothing exclusive can run there any more; after N s if others still reach it
        de-one-a is lost: silent for N s; its lease is surely over
        failover plan: 2 move, 1 stay put (sticky: 1)
        store de-one-a -> fr-one-a
        front de-one-a -> fr-one-a
        cache stays put: it is sticky and may still run at de-one-a; nobody confirmed that it stopped [sticky]
        front starts at fr-one-a
        store starts at fr-one-a
        front runs at fr-one-a
        store runs at fr-one-a
        recovered: 2 of 3 run elsewhere, N s after the first suspicion
        de-one-a is back: a new session was opened; it takes no work until it was stable for N s
        de-one-a is trusted again: stable for N s after 1 losses
        failback: its work goes home once it was well for N s
        failback plan: 2 move, 0 stay put
        store fr-one-a -> de-one-a
        front fr-one-a -> de-one-a
        front stops at fr-one-a
        store stops at fr-one-a
        front starts at de-one-a
        store starts at de-one-a
        front runs at de-one-a
        store runs at de-one-a
        home: 2 of 2 run where they came from, N s after it was trusted again
        SITE LOST AFTER RECOVERED AFTER MOVED STAYED HOME AFTER
        de-one-a N s N s 2 1 N s
        """;

    /// <summary>The words without the times; which of two that move together was first does not matter.</summary>
    private static string Words(string screen)
    {
        var lines = screen.Split('\n')
            .Select(line => Gaps().Replace(Spans().Replace(Clock().Replace(line, ""), "N s"), " ").Trim())
            .Where(line => line.Length > 0)
            .ToList();
        for (var index = 0; index + 1 < lines.Count; index++)
        {
            var (here, next) = (Step().Match(lines[index]), Step().Match(lines[index + 1]));
            if (here.Success && next.Success && here.Groups[1].Value == next.Groups[1].Value
                && string.CompareOrdinal(lines[index], lines[index + 1]) > 0)
                (lines[index], lines[index + 1]) = (lines[index + 1], lines[index]);
        }

        return string.Join('\n', lines);
    }

    private static async Task PlaceAsync(ServerProcess server, string workload, string runClass, string more)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/placements")
        {
            Content = new StringContent(
                $$"""{"tenant":"t1","workload":"{{workload}}","kind":"service","dataClass":"public","units":1"""
                + $$""","cpuMilli":1000,"memoryMib":1024,"residency":["EU"],"homeRegion":"de-one" """
                + $$""","runClass":"{{runClass}}"{{more}}}""",
                System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", workload);
        using var answer = await server.Http.SendAsync(request);
        Assert.True(answer.StatusCode == System.Net.HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        var placed = await answer.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>();
        Assert.Contains("de-one-a", placed.GetRawText(), StringComparison.Ordinal);
    }

    private static Process StartAgents(string root, string data, int server)
    {
        var agents = Path.Combine(data, "agents");
        Directory.CreateDirectory(agents);
        var program = Path.Combine(Checkout.Root, "src/SiteAgent/bin/Release/net10.0/ControlPlane.SiteAgent.dll");
        return Process.Start(new ProcessStartInfo("dotnet",
        [
            program, "--driver", "simulated", "--regions", root, "--url-file", Path.Combine(data, "server.url"),
            "--join-token-file", Path.Combine(data, "identity", "join.token"),
            "--state", Path.Combine(agents, "state"), "--faults", Path.Combine(agents, "faults"),
            "--parent", $"{server}",
        ])
        {
            RedirectStandardError = true,
        })!; // null only for a shell's start
    }

    private static async Task<string> CplaneAsync(ServerProcess server, string data, string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["CPLANE_DATA"] = data, ["CPLANE_URL"] = $"{server.Http.BaseAddress}", ["NO_COLOR"] = "1",
        };
        var run = await Cplane.RunAsync(environment, arguments);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', arguments)}: {run.Error}");
        return run.Output;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var tries = 0; tries < 60; tries++)
        {
            if (await holds()) return;
            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        Assert.Fail("it did not come about within a minute");
    }

    [GeneratedRegex(@"^\d\d:\d\d:\d\d\s+(\+[\d.]+ s\s+)?")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\b\d+(\.\d+)? s\b")]
    private static partial Regex Spans();

    [GeneratedRegex(" +")]
    private static partial Regex Gaps();

    [GeneratedRegex(@"^\w+ ((starts|stops|runs) at .*)$")]
    private static partial Regex Step();
}
