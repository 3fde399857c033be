using System.CommandLine;
using System.Text.Json;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Identity;

/// <summary>Lets software agents act for oneself, shows what they used, ends one and stops all of them.</summary>
internal static class AgentCommands
{
    private static readonly Listing Agents = new("agents", "v1/agents", "id",
    [
        Column.Of("id", "id"), Column.Of("agent", "agent"), Column.Of("for", "onBehalfOf"), Column.Of("state", "state"),
        new Column("accelerators", item => UsedOf(item, "accelerators")) { IsNumber = true },
        new Column("moves", item => UsedOf(item, "moves")) { IsNumber = true },
        new Column("sites", item => UsedOf(item, "sites")) { IsNumber = true },
        new Column("regions", item => UsedOf(item, "regions")) { IsNumber = true },
        Column.Of("until", "until"), Column.Of("tenants", "tenants").Wide(), Column.Of("scopes", "scopes").Wide(),
        Column.Of("jurisdictions", "jurisdictions").Wide(),
    ]);

    public static Command Build(GlobalOptions global) => new("agents", "Software agents: what they may do and did")
    {
        List(global),
        Show(global),
        Grant(global),
        End(global),
        Switch(global, "stop", "Refuse every software agent's call from now on; what they placed stays"),
        Switch(global, "resume", "Let software agents go on"),
    };

    /// <summary>What was used of what may be: 3/8.</summary>
    private static string UsedOf(JsonElement item, string bound)
    {
        var used = item.GetProperty("used").GetProperty(bound);
        var amount = used.ValueKind == JsonValueKind.Array ? $"{used.GetArrayLength()}" : used.GetRawText();
        return $"{amount}/{item.GetProperty("budget").Text(bound)}";
    }

    private static Command List(GlobalOptions global)
    {
        var command = new Command("list", "List software agents and what they used");
        global.Let(command, async (run, cancellation) =>
        {
            var items = new List<JsonElement>();
            await foreach (var item in run.Server.ListAsync(Agents.Path, "agents", cancellation)) items.Add(item);
            Agents.Print(run.Screen, run.Format, items);
            var first = await run.Server.GetAsync($"{Agents.Path}?page_size=1", cancellation);
            if (first.TryGetProperty("stopped", out var stopped)) Note(stopped);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Show(GlobalOptions global)
    {
        var id = IdArgument();
        var command = new Command("show", "Show a software agent and what it used") { id };
        global.Let(command, async (run, cancellation) =>
        {
            var path = $"{Agents.Path}/{Uri.EscapeDataString(run.Get(id)!)}"; // required
            Agents.PrintOne(run.Screen, run.Format, await run.Server.GetAsync(path, cancellation));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Grant(GlobalOptions global)
    {
        var agent = new Argument<string>("NAME") { Description = "Name of the program, as the ledger will show it" };
        var scopes = Many("--scope", "SCOPE", "What it may do, such as placements:write; may be repeated");
        var tenants = Many("--tenant", "TENANT", "Tenant that it acts for; may be repeated");
        var jurisdictions = Many("--jurisdiction", "CODE", "Jurisdiction that it is confined to; may be repeated");
        jurisdictions.Required = false;
        var minutes = Number("--minutes", "For how long, 1 to 1440", 60);
        var accelerators = Number("--accelerators", "Accelerators that it may hold at any time", 0);
        var moves = Number("--moves", "Placements that it may move within a window", 0);
        var sites = Number("--sites", "Sites that it may touch within a window", 1);
        var regions = Number("--regions", "Regions that it may touch within a window", 1);
        var window = Number("--window", "Minutes of a window", 60);
        var to = new Option<string?>("--to")
        {
            Description = "File for the token, readable by its owner alone; standard output when left out",
            HelpName = "FILE",
        };
        var command = new Command("grant", "Let a software agent act for oneself, within a budget")
        {
            agent, scopes, tenants, jurisdictions, minutes, accelerators, moves, sites, regions, window, to,
        };
        global.Let(command, async (run, cancellation) =>
        {
            var body = new Dictionary<string, object?>
            {
                ["agent"] = run.Get(agent),
                ["scopes"] = run.Get(scopes),
                ["tenants"] = run.Get(tenants),
                ["minutes"] = run.Get(minutes),
                ["budget"] = new Dictionary<string, int>
                {
                    ["accelerators"] = run.Get(accelerators),
                    ["moves"] = run.Get(moves),
                    ["sites"] = run.Get(sites),
                    ["regions"] = run.Get(regions),
                    ["windowMinutes"] = run.Get(window),
                },
            };
            if (run.Get(jurisdictions) is { Length: > 0 } confined) body["jurisdictions"] = confined;
            var answer = await SendAsync(run, Agents.Path, body, cancellation);
            Hand(run, answer, run.Get(to));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Hand(CommandRun run, JsonElement granted, string? file)
    {
        if (file is null)
        {
            run.Screen.Out.WriteLine(granted.Text("token"));
            return;
        }

        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using var writer = new StreamWriter(file, options);
            writer.Write(granted.Text("token"));
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Input("file-unreadable", $"{file} cannot be written: {broken.Message}");
        }

        Agents.PrintOne(run.Screen, run.Format, granted.GetProperty("grant"));
    }

    private static Command End(GlobalOptions global)
    {
        var id = IdArgument();
        var because = ReasonOption.Build(isRequired: true);
        var command = new Command("end", "End what a software agent may do; what it placed stays") { id, because };
        global.Let(command, async (run, cancellation) =>
        {
            var path = $"{Agents.Path}/{Uri.EscapeDataString(run.Get(id)!)}:end"; // required
            Agents.PrintOne(run.Screen, run.Format, await SendAsync(run, path, Body(run.Get(because)), cancellation));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Switch(GlobalOptions global, string name, string description)
    {
        var because = ReasonOption.Build(isRequired: true);
        var command = new Command(name, description) { because };
        global.Let(command, async (run, cancellation) =>
        {
            var answer = await SendAsync(run, $"{Agents.Path}:{name}", Body(run.Get(because)), cancellation);
            run.Screen.Line(answer.TryGetProperty("stopped", out var stopped)
                ? $"all software agents are stopped since {stopped.Text("at")}: {stopped.Text("because")}"
                : "software agents may go on");
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Note(JsonElement stopped) => Screen.Note(
        $"all software agents are stopped since {stopped.Text("at")} by {stopped.Text("by")}: "
        + stopped.Text("because"));

    private static Dictionary<string, object?> Body(string? because) => new() { ["because"] = because };

    private static async Task<JsonElement> SendAsync(
        CommandRun run, string path, Dictionary<string, object?> body, CancellationToken cancellation)
    {
        var change = new Change(HttpMethod.Post, path, JsonSerializer.Serialize(body), IdempotencyKey: null);
        var answer = await run.Server.SendAsync(change, cancellation);
        return answer.Problem is { } problem ? throw problem.Failure() : answer.Body;
    }

    private static Argument<string> IdArgument() => new("ID") { Description = "Id of a software agent's grant" };

    private static Option<string[]> Many(string name, string shown, string description) => new(name)
    {
        Description = description,
        HelpName = shown,
        Required = true,
    };

    private static Option<int> Number(string name, string description, int otherwise) => new(name)
    {
        Description = description,
        HelpName = "NUMBER",
        DefaultValueFactory = _ => otherwise,
    };
}
