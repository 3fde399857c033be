using System.CommandLine;
using System.Text.Json;
using ControlPlane.Cli.Ledger;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Placements;

/// <summary>Shows decisions and makes them once more.</summary>
internal static class DecisionCommands
{
    private static readonly Seq<string> ReplayFields =
        ["id", "position", "same", "recordedDigest", "replayedDigest", "engineVersion"];

    public static Command Build(GlobalOptions global) =>
        new("decisions", "Show decisions, or make them once more") { Show(global), Replay(global) };

    private static Command Show(GlobalOptions global)
    {
        var id = new Argument<string>("ID") { Description = "Id of the decision" };
        var explain = new Option<bool>("--explain") { Description = "Say why, for every site" };
        var command = new Command("show", "Show a decision") { id, explain };
        global.Let(command, async (run, cancellation) =>
        {
            var query = run.Get(explain) ? "?explain=true" : "";
            var answer = await run.Server.GetAsync($"v1/decisions/{Ids.Escape(run.Get(id)!)}{query}", cancellation);
            AnswerText.Print(run, answer, run.Get(explain), elapsed: null);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Replay(GlobalOptions global)
    {
        var id = new Argument<string>("ID") { Description = "Id of the decision" };
        var explain = new Option<bool>("--explain") { Description = "Say why, for every site" };
        var file = new Option<string?>("--file")
        {
            Description = "Export to take the decision from, - for standard input; needs no server",
            HelpName = "EXPORT",
        };
        var command = new Command(
            "replay", "Make a decision once more and compare it with the record") { id, explain, file };
        global.Let(command, async (run, cancellation) =>
        {
            var replayed = run.Get(file) is { } export
                ? OfflineReplay.Of(export, run.Get(id)!)
                : await run.Server.GetAsync($"v1/decisions/{Ids.Escape(run.Get(id)!)}/replay", cancellation);
            return Print(run, replayed, run.Get(explain));
        });
        return command;
    }

    private static int Print(CommandRun run, JsonElement replayed, bool explain)
    {
        var same = replayed.Flag("same");
        switch (run.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                run.Screen.Out.WriteLine(DataText.Of(run.Format, replayed));
                break;
            case OutputFormat.Csv:
                run.Screen.Line(DataText.Csv(ReplayFields));
                run.Screen.Line(DataText.Csv(ReplayFields.Select(field => replayed.Text(field))));
                break;
            case OutputFormat.Name:
                run.Screen.Line($"decisions/{replayed.Text("id")}");
                break;
            default:
                PrintLines(run, replayed, explain);
                break;
        }

        return same ? ExitCode.Ok : ExitCode.No;
    }

    private static void PrintLines(CommandRun run, JsonElement replayed, bool explain)
    {
        var word = replayed.Flag("same") ? "SAME     " : "DIFFERENT";
        var (id, position, engine) = (replayed.Text("id"), replayed.Text("position"), replayed.Text("engineVersion"));
        run.Screen.Line($"{word} decisions/{id}, position {position}, engine {engine}");
        run.Screen.Line($"  recorded  {replayed.Text("recordedDigest")}");
        run.Screen.Line($"  replayed  {replayed.Text("replayedDigest")}");
        if (explain)
            AnswerText.Print(run, replayed.Has("answer") ? replayed.Field("answer") : replayed, explain, elapsed: null);
    }
}
