using System.CommandLine;
using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Failover;

/// <summary>
/// Shows nodes that are kept from work, takes nodes out of use after a plan, and puts them in use again.
/// </summary>
internal static class NodeCommands
{
    private static readonly Listing Conditions = new("nodes", "v1/node-conditions", "node",
    [
        Column.Of("node", "node"), Column.Of("site", "site"), Column.Of("duty", "duty"),
        Column.Number("placements", "placements"), Column.Number("moving", "moving"),
        Column.Of("since", "since").Wide(), Column.Of("statement", "statement").Wide(),
    ]);

    public static Command Build(GlobalOptions global) => new("nodes", "Take nodes out of use and back")
    {
        List(global),
        Verb(global, "cordon", "Keep new work away from a node"),
        Verb(global, "uncordon", "Put a node in use again"),
        Verb(global, "drain", "Keep new work away and move everything elsewhere"),
        MoveCommands.AfterPlan(
            global, new Command("decommission", "Empty nodes and take them out of use, after a plan"),
            ("NODE", "Nodes to take out of use", "nodes")),
    };

    private static Command List(GlobalOptions global)
    {
        var command = new Command("list", "List nodes that are cordoned, draining or out of use");
        global.Let(command, async (run, cancellation) =>
        {
            var answer = await run.Server.GetAsync(Conditions.Path, cancellation);
            Conditions.Print(run.Screen, run.Format, answer.Items("nodes"));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Verb(GlobalOptions global, string name, string description)
    {
        var node = new Argument<string>("NODE") { Description = "Name of the node: its pool and its number in it" };
        var because = ReasonOption.Build(isRequired: false);
        var command = new Command(name, description) { node, because };
        global.Let(command, async (run, cancellation) =>
        {
            var body = JsonSerializer.Serialize(new Dictionary<string, string?> { ["because"] = run.Get(because) });
            var path = $"v1/nodes/{Uri.EscapeDataString(run.Get(node)!)}:{name}";
            var answer = await SiteCommands.SendAsync(run, path, body, cancellation);
            Conditions.PrintOne(run.Screen, run.Format, answer);
            return ExitCode.Ok;
        });
        return command;
    }
}
