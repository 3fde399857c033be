using System.CommandLine;
using System.Text.Json;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Failover;

/// <summary>Shows how sites are, closes and opens them, empties them, and states that one is dead.</summary>
internal static class SiteCommands
{
    private static readonly Listing Conditions = new("sites", "v1/site-conditions", "site",
    [
        Column.Of("site", "site"), Column.Of("health", "health"), Column.Of("open", "open"),
        Column.Number("placements", "placements"), Column.Number("moving", "moving"),
        Column.Number("silent s", "silentSeconds"), Column.Number("losses", "losses"),
        Column.Of("since", "since").Wide(), Column.Of("guarded", "guarded").Wide(),
        new Column("evidence", EvidenceOf).Wide(), Column.Of("statement", "statement").Wide(),
    ]);

    /// <summary>What stands below <c>sites</c>.</summary>
    public static IEnumerable<Command> Build(GlobalOptions global)
    {
        yield return Health(global);
        yield return Verb(global, "cordon", "Keep new work away from a site");
        yield return Verb(global, "uncordon", "Let work come to a site again");
        yield return Verb(global, "drain", "Keep new work away and move everything elsewhere");
        yield return Verb(global, "declare-dead", "State on the record that nothing runs at a site any more");
        yield return ReportHealth(global);
        yield return JoinToken(global);
    }

    /// <summary>What is said about a site beside its lease, by source: how many of them hold it for well.</summary>
    private static string EvidenceOf(JsonElement site) => string.Join(", ", site.Items("evidence")
        .GroupBy(item => item.Text("source"), StringComparer.Ordinal)
        .Select(said => $"{said.Key} {said.Count(item => item.Text("says") == "well")}/{said.Count()} well"));

    private static Command Health(GlobalOptions global)
    {
        var command = new Command("health", "Show which sites are healthy, suspect, lost or recovering");
        global.Let(command, async (run, cancellation) =>
        {
            var answer = await run.Server.GetAsync(Conditions.Path, cancellation);
            Conditions.Print(run.Screen, run.Format, answer.Items("sites"));
            if (answer.Text("paused") is { Length: > 0 } paused) Screen.Note($"no site is taken for lost: {paused}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Verb(GlobalOptions global, string name, string description)
    {
        var site = new Argument<string>("ID") { Description = "Name of the site" };
        var because = ReasonOption.Build(isRequired: false);
        var command = new Command(name, description) { site, because };
        global.Let(command, async (run, cancellation) =>
        {
            var body = JsonSerializer.Serialize(new Dictionary<string, string?> { ["because"] = run.Get(because) });
            var path = $"v1/sites/{Uri.EscapeDataString(run.Get(site)!)}:{name}";
            var answer = await SendAsync(run, path, body, cancellation);
            Conditions.PrintOne(run.Screen, run.Format, answer);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command ReportHealth(GlobalOptions global)
    {
        var site = new Argument<string>("ID") { Description = "Name of the site" };
        var health = new Option<string>("--as")
        {
            Description = "How it is: well or ill", HelpName = "HEALTH", Required = true,
        };
        health.AcceptOnlyFromAmong("well", "ill");
        var confidence = new Option<int>("--confidence")
        {
            Description = "How sure the provider is, 1 to 100", HelpName = "PERCENT", DefaultValueFactory = _ => 90,
        };
        var because = ReasonOption.Build(isRequired: true);
        var command = new Command("report-health", "Say what the provider of a site says about its health, for 30 s")
        {
            site, health, confidence, because,
        };
        global.Let(command, async (run, cancellation) =>
        {
            var body = JsonSerializer.Serialize(new Dictionary<string, object?>
            {
                ["health"] = run.Get(health), ["confidencePercent"] = run.Get(confidence),
                ["because"] = run.Get(because),
            });
            await SendAsync(run, $"v1/sites/{Uri.EscapeDataString(run.Get(site)!)}:report-health", body, cancellation);
            run.Screen.Line($"{run.Get(site)} is said to be {run.Get(health)}; repeat it while it holds");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command JoinToken(GlobalOptions global)
    {
        var site = new Argument<string>("ID") { Description = "Name of the site" };
        var command = new Command("join-token", "Issue a token by which one agent may join as a site, once") { site };
        global.Let(command, async (run, cancellation) =>
        {
            var path = $"v1/sites/{Uri.EscapeDataString(run.Get(site)!)}:issue-join-token";
            var answer = await SendAsync(run, path, null, cancellation);
            run.Screen.Line(answer.Text("joinToken"));
            return ExitCode.Ok;
        });
        return command;
    }

    internal static async Task<JsonElement> SendAsync(
        CommandRun run, string path, string? body, CancellationToken cancellation)
    {
        var answer = await run.Server.SendAsync(new Change(HttpMethod.Post, path, body, null), cancellation);
        return answer.Problem is { } problem ? throw problem.Failure() : answer.Body;
    }
}
