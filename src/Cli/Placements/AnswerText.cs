using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Terminal;
using Spectre.Console;

namespace ControlPlane.Cli.Placements;

/// <summary>
/// Prints the answer to a placement request: one line with the result, and the reasons where they matter.
/// </summary>
internal static class AnswerText
{
    /// <summary>Prints the answer and gives the exit code: a refusal is a "no".</summary>
    public static int Print(CommandRun run, JsonElement answer, bool explain, TimeSpan? elapsed)
    {
        var screen = run.Screen;
        switch (run.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml or OutputFormat.Csv:
                PlacementCommands.Placements.PrintOne(screen, run.Format, answer);
                break;
            case OutputFormat.Name:
                if (answer.Has("id")) screen.Line(NameOf(answer));
                break;
            default:
                PrintLines(screen, answer, explain || run.Format == OutputFormat.Wide, elapsed);
                break;
        }

        return IsRefused(answer) ? ExitCode.No : ExitCode.Ok;
    }

    public static bool IsRefused(JsonElement answer) => answer.Text("outcome") == "refused";

    private static string NameOf(JsonElement answer) => answer.Text("outcome") switch
    {
        "held" => $"holds/{answer.Text("id")}",
        "bound" => $"placements/{answer.Text("id")}",
        _ => $"decisions/{answer.Text("id")}",
    };

    private static void PrintLines(Screen screen, JsonElement answer, bool explain, TimeSpan? elapsed)
    {
        var refused = IsRefused(answer);
        screen.Render(ResultLine(answer, refused));
        PrintPreempted(screen, answer);
        if (explain)
        {
            var state = answer.Has("id") ? "position" : "decided on the state at position";
            screen.Line(
                $"  {state} {answer.Text("position")}, {answer.Text("decidedAt")}{Extent(answer)}{Took(elapsed)}");
            if (!refused) PlaceText.Print(screen, answer);
        }

        if (explain && answer.Has("explanation")) ExplanationText.Print(screen, answer);
        else if (refused) RefusalText.Print(screen, answer);
        if ((refused || explain) && answer.Text("id") is { Length: > 0 } id)
            screen.Line($"  Reproduce       cplane decisions replay {id}");
    }

    /// <summary>What ends is said to everybody, whoever asked for reasons or not.</summary>
    private static void PrintPreempted(Screen screen, JsonElement answer)
    {
        if (!answer.Has("preempted")) return;
        var verb = answer.Has("id") ? "Ends" : "Would end";
        screen.Line($"  {verb.PadRight(15)} {answer.Text("preempted")} to make room");
    }

    private static Paragraph ResultLine(JsonElement answer, bool refused)
    {
        var (word, colour) = answer.Text("outcome") switch
        {
            "bound" => ("PLACED", Color.Green),
            "held" => ("HELD", Color.Green),
            "planned" => ("PLANNED", Color.Green),
            "refused" => ("REFUSED", Color.Red),
            var other => (other.ToUpperInvariant(), Color.Yellow),
        };
        var tail = refused
            ? answer.Text("refusal.reason")
                + (answer.Text("refusal.detail") is { Length: > 0 } detail ? $": {detail}" : "")
            : $"-> {PlaceText.Where(answer)}  {PlaceText.What(answer)}";
        var name = answer.Has("id") ? $"  [{NameOf(answer)}]" : "  [nothing was changed]";
        var until = answer.Text("holdUntil") is { Length: > 0 } end ? $"  until {end}" : "";
        return new Paragraph()
            .Append(word.PadRight(7), new Style(colour, decoration: Decoration.Bold))
            .Append(VisibleText.Of($" {answer.Text("tenant")}/{answer.Text("workload")} {tail}{until}{name}"));
    }

    private static string Extent(JsonElement answer)
    {
        var trials = answer.Items("explanation.trials").ToList();
        if (trials.Count == 0) return "";
        var sites = trials.Select(trial => trial.Text("site")).Distinct(StringComparer.Ordinal).Count();
        return $"; {sites} sites, {trials.Count} node pools";
    }

    private static string Took(TimeSpan? elapsed) => elapsed is { } time
        ? string.Create(CultureInfo.InvariantCulture, $"; {Math.Ceiling(time.TotalMilliseconds):0} ms")
        : "";
}
