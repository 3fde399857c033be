using System.CommandLine;
using System.Text.Json;
using ControlPlane.Cli.Failover;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Capacity;

/// <summary>
/// Shows which moves would free whole nodes and what each gains, and has those that were approved carried out.
/// </summary>
internal static class DefragCommand
{
    private static readonly Listing Steps = new("steps", "v1/reports/defragmentation", "node",
    [
        Column.Of("emptied", "emptied"),
        Column.Number("accelerators", "accelerators"),
        Column.Number("gainPerMove", "gainPerMove"),
        Column.Of("workload", "workload"),
        Column.Of("tenant", "tenant"),
        Column.Of("to", "to"),
        Column.Of("placement", "placement").Wide(),
    ]);

    public static Command Build(GlobalOptions global)
    {
        var plan = new Option<bool>("--plan") { Description = "Only show the moves and the digest of the plan" };
        var apply = new Option<string?>("--apply")
        {
            Description = "Digest of the plan that was looked at; it is done if it is still the same",
            HelpName = "DIGEST",
        };
        var because = ReasonOption.Build(isRequired: false);
        var moves = new Option<int?>("--moves") { Description = "Most moves; 2 % of the placements when left out" };
        var command = new Command("defrag", "Free whole nodes by moving what runs on them, after a plan")
        {
            plan, apply, moves, because,
        };
        global.Let(command, async (run, cancellation) =>
        {
            var (most, approved) = (run.Get(moves), run.Get(apply));
            if (run.Get(plan) == (approved is not null))
                throw CommandFailure.Usage("defrag needs --plan, or --apply with the digest that it showed");
            if (approved is not null)
            {
                var body = new Dictionary<string, object?> { ["approve"] = approved, ["because"] = run.Get(because) };
                if (most is not null) body["moves"] = most;
                MoveCommands.Print(run, await SiteCommands.SendAsync(
                    run, "v1/plans:defragment", JsonSerializer.Serialize(body), cancellation));
                return ExitCode.Ok;
            }

            var answer = await run.Server.GetAsync(
                most is null ? "v1/reports/defragmentation" : $"v1/reports/defragmentation?moves={most}", cancellation);
            Print(run, answer);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Print(CommandRun run, JsonElement answer)
    {
        if (DataText.Print(run.Screen, run.Format, answer)) return;

        Steps.Print(run.Screen, run.Format, Rows(answer));
        if (run.Format is OutputFormat.Csv or OutputFormat.Name) return;
        run.Screen.Line("");
        run.Screen.Line(
            $"{answer.Text("moves")} of at most {answer.Text("mostMoves")} moves would raise the accelerators on free "
            + $"nodes from {answer.Text("acceleratorsOnFreeNodesBefore")} to "
            + $"{answer.Text("acceleratorsOnFreeNodesAfter")}");
        run.Screen.Line($"digest {answer.Text("digest")}");
        Screen.Note(
            $"state of position {answer.Text("position")}, as of {answer.Text("asOf")}; nothing is done; do it with "
            + $"--apply {answer.Text("digest")}");
    }

    /// <summary>A row for each move, with the node that it helps to empty.</summary>
    private static List<JsonElement> Rows(JsonElement answer) =>
    [
        .. answer.Items("steps").SelectMany(
            step => step.Items("moves"),
            (step, move) => JsonSerializer.SerializeToElement(new Dictionary<string, object>
            {
                ["emptied"] = step.Text("node"),
                ["accelerators"] = step.GetProperty("accelerators").GetInt32(),
                ["gainPerMove"] = step.GetProperty("gainPerMove").GetDecimal(),
                ["workload"] = move.Text("workload"),
                ["tenant"] = move.Text("tenant"),
                ["to"] = move.GetProperty("to").Text("node"),
                ["placement"] = move.Text("placement"),
            })),
    ];
}
