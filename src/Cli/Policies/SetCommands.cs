using System.CommandLine;
using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Policies;

/// <summary>Lists the sets of policies that were in force, and what runs against the law.</summary>
internal static class SetCommands
{
    private const int PageSize = 500;

    /// <summary>Where the server lists activations.</summary>
    public static readonly string SetsPath = $"v1/policies/sets?page_size={PageSize}";

    private static readonly Listing Sets = new("sets", SetsPath, "version",
    [
        Column.Number("version", "version"),
        Column.Of("digest", "digest"),
        Column.Of("activated", "at"),
        new Column("regions", item => item.Text("regions") is { Length: > 0 } regions ? regions : "all"),
        new Column("in force", item => item.Flag("inForce") ? "yes" : "no"),
        Column.Of("signed by", "signedBy"),
        Column.Number("position", "position").Wide(),
    ])
    {
        KeepsOrder = true,
    };

    private static readonly Listing Findings = new("findings", $"v1/policies/findings?page_size={PageSize}", "id",
    [
        Column.Of("placement", "id"),
        new Column("workload", item => $"{item.Text("tenant")}/{item.Text("workload")}"),
        Column.Of("sites", "sites"),
        new Column("rule", item => Breaches(item, "rule")),
        new Column("may stay until", item => item.Text("deadline") + (item.Flag("overdue") ? " (over)" : "")),
        new Column("since", item => Breaches(item, "since")),
        new Column("because", item => Breaches(item, "because")) { OnlyWide = true },
        Column.Of("found", "foundAt").Wide(),
    ]);

    public static Command BuildSets(GlobalOptions global)
    {
        var command = new Command("sets", "List the sets of policies that were put in force, with their digests");
        global.Let(command, async (run, cancellation) =>
        {
            var sets = await ItemsAsync(run, Sets, cancellation);
            Sets.Print(run.Screen, run.Format, sets);
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command BuildFindings(GlobalOptions global)
    {
        var tenant = new Option<string?>("--tenant") { Description = "Only those of a tenant", HelpName = "TENANT" };
        var overdue = new Option<bool>("--overdue") { Description = "Only those whose last day is over" };
        var command = new Command(
            "findings", "List what runs and is unlawful where it runs; ends with 1 when there is something")
        {
            tenant, overdue,
        };
        global.Let(command, async (run, cancellation) =>
        {
            var path = Findings.Path + (run.Get(overdue) ? "&overdue=true" : "")
                + (run.Get(tenant) is { } name ? $"&tenant={Uri.EscapeDataString(name)}" : "");
            var found = await ItemsAsync(run, Findings with { Path = path }, cancellation);
            Findings.Print(run.Screen, run.Format, found);
            return found.Count == 0 ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static async Task<List<JsonElement>> ItemsAsync(
        CommandRun run, Listing listing, CancellationToken cancellation)
    {
        var items = new List<JsonElement>();
        await foreach (var item in run.Server.ListAsync(listing.Path, listing.Collection, cancellation))
            items.Add(item);
        return items;
    }

    private static string Breaches(JsonElement finding, string field) =>
        string.Join("; ", finding.Items("breaches").Select(breach => breach.Text(field)));
}
