using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Failover;

/// <summary>Plans and approves the emptying of sites, follows moves, and says why something does not move.</summary>
internal static class MoveCommands
{
    private static readonly Listing Moves = new("moves", "v1/moves", "placement",
    [
        Column.Of("placement", "placement"), Column.Of("tenant", "tenant"), Column.Of("workload", "workload"),
        Column.Of("kind", "kind"), Column.Of("step", "step"), Column.Of("from", "from"), Column.Of("to", "to"),
        Column.Of("from nodes", "fromNodes").Wide(), Column.Of("to nodes", "toNodes").Wide(),
        Column.Of("since", "since").Wide(), Column.Of("parked", "parked").Wide(),
    ]);

    private static readonly Listing Planned = new("moves", "", "placement",
    [
        Column.Of("tenant", "tenant"), Column.Of("workload", "workload"), Column.Of("from", "from"),
        Column.Of("to", "to"), Column.Number("units", "units"), Column.Of("placement", "placement").Wide(),
        Column.Of("from nodes", "fromNodes").Wide(), Column.Of("to nodes", "toNodes").Wide(),
    ])
    {
        KeepsOrder = true,
    };

    private static readonly Listing Stays = new("stays", "", "placement",
    [
        Column.Of("stays put", "workload"), Column.Of("tenant", "tenant"), Column.Of("reason", "reason"),
        Column.Of("because", "because"), Column.Of("placement", "placement").Wide(),
    ]);

    public static Command Evacuate(GlobalOptions global) => AfterPlan(
        global, new Command("evacuate", "Move everything away from sites, after a plan"),
        ("SITE", "Sites to empty", "sites"));

    /// <summary>Has a command show a plan for what is named, and do it once the digest of that is approved.</summary>
    internal static Command AfterPlan(
        GlobalOptions global, Command command, (string Name, string Description, string Field) named)
    {
        var names = new Argument<string[]>(named.Name)
        {
            Description = named.Description,
            Arity = ArgumentArity.OneOrMore,
        };
        var plan = new Option<bool>("--plan") { Description = "Only show the plan and its digest" };
        var approve = new Option<string?>("--approve")
        {
            Description = "Digest of the plan that was looked at; it is done if it is still the same",
            HelpName = "DIGEST",
        };
        var because = ReasonOption.Build(isRequired: false);
        command.Add(names);
        command.Add(plan);
        command.Add(approve);
        command.Add(because);
        global.Let(command, async (run, cancellation) =>
        {
            var approved = run.Get(approve);
            if (run.Get(plan) == (approved is not null))
                throw CommandFailure.Usage($"{command.Name} needs --plan, or --approve with the digest that it showed");
            var body = new Dictionary<string, object?>
            {
                [named.Field] = run.Get(names), ["because"] = run.Get(because),
            };
            if (approved is not null) body["approve"] = approved;
            var path = approved is null ? "v1/plans" : "v1/plans:apply";
            Print(run, await SiteCommands.SendAsync(run, path, JsonSerializer.Serialize(body), cancellation));
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command Build(GlobalOptions global)
    {
        var list = new Command("list", "List moves that are under way");
        global.Let(list, async (run, cancellation) =>
        {
            Moves.Print(run.Screen, run.Format, (await run.Server.GetAsync(Moves.Path, cancellation)).Items("moves"));
            return ExitCode.Ok;
        });
        return new Command("moves", "List and follow moves") { list, Watch(global) };
    }

    public static Command Explain(GlobalOptions global)
    {
        var workload = new Argument<string>("WORKLOAD") { Description = "Name of a workload, or id of its placement" };
        var command = new Command("explain-no-move", "Say why a workload stays where it is") { workload };
        global.Let(command, async (run, cancellation) =>
        {
            var found = 0;
            await foreach (var id in IdsOf(run, run.Get(workload)!, cancellation))
            {
                var stay = await run.Server.GetAsync($"v1/placements/{id}/move", cancellation);
                run.Screen.Line(
                    $"{stay.Text("workload")} at {stay.Text("sites")}: {stay.Text("because")} [{stay.Text("reason")}]");
                found++;
            }

            return found > 0
                ? ExitCode.Ok
                : throw CommandFailure.Input("not-found", $"there is no workload '{run.Get(workload)}'");
        });
        return command;
    }

    private static Command Watch(GlobalOptions global)
    {
        var until = new Option<int>("--for")
        {
            Description = "Seconds after which to stop; 0 goes on until interrupted",
            HelpName = "SECONDS",
        };
        var after = new Option<long?>("--after")
        {
            Description = "Ledger position to start behind (default: now)",
            HelpName = "POSITION",
        };
        var milestone = new Option<string?>("--until")
        {
            Description = "Stop once it is so: recovered (work of a lost site runs elsewhere) or home (it went back)",
            HelpName = "EVENT",
        };
        milestone.AcceptOnlyFromAmong("recovered", "home");
        var watch = new Command("watch", "Follow what happens to sites and moves, with how long it takes")
        {
            until, after, milestone,
        };
        global.Let(watch, async (run, cancellation) =>
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (run.Get(until) > 0) limit.CancelAfter(TimeSpan.FromSeconds(run.Get(until)));
            var timeline = new Timeline();
            var path = run.Get(after) is { } position
                ? string.Create(CultureInfo.InvariantCulture, $"v1/events?after={position}")
                : "v1/events";
            try
            {
                await FollowAsync(run, path, (timeline, run.Get(milestone)), limit.Token);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                // Asked to stop.
            }

            if (run.Format == OutputFormat.Json) return ExitCode.Ok;
            foreach (var line in timeline.Summary()) run.Screen.Line(line);
            return ExitCode.Ok;
        });
        return watch;
    }

    private static async Task FollowAsync(
        CommandRun run, string path, (Timeline Timeline, string? Milestone) story, CancellationToken cancellation)
    {
        await foreach (var (kind, data) in run.Server.FollowAsync(path, cancellation))
        {
            foreach (var line in story.Timeline.Of(kind, data).ToList())
            {
                if (run.Format != OutputFormat.Json) run.Screen.Line(line);
            }

            if (run.Format == OutputFormat.Json)
                run.Screen.Line($"{{\"event\":\"{kind}\",\"data\":{data.GetRawText()}}}");
            run.Screen.Flush();
            if (story.Milestone == "home" && story.Timeline.IsHome) return;
            if (story.Milestone == "recovered" && story.Timeline.IsRecovered) return;
        }
    }

    private static async IAsyncEnumerable<string> IdsOf(
        CommandRun run, string workload,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        if (Guid.TryParseExact(workload, "D", out _))
        {
            yield return workload;
            yield break;
        }

        await foreach (var placement in run.Server.ListAsync("v1/placements?page_size=500", "placements", cancellation))
        {
            if (placement.Text("workload") == workload) yield return placement.Text("id");
        }
    }

    internal static void Print(CommandRun run, JsonElement plan)
    {
        if (DataText.Print(run.Screen, run.Format, plan)) return;

        Planned.Print(run.Screen, run.Format, plan.Items("moves"));
        if (plan.Items("stays").Any()) Stays.Print(run.Screen, run.Format, plan.Items("stays"));
        run.Screen.Line($"digest {plan.Text("digest")}");
        if (plan.Flag("applied")) Screen.Note("under way; follow it with cplane moves watch");
        else Screen.Note($"nothing is done; do it with --approve {plan.Text("digest")}");
    }
}
