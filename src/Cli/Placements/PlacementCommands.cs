using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Regions;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Placements;

/// <summary>Lists, shows and releases placements.</summary>
internal static class PlacementCommands
{
    public static readonly Listing Placements = new("placements", "v1/placements", "id",
    [
        Column.Of("id", "id"),
        Column.Of("tenant", "tenant"),
        Column.Of("workload", "workload"),
        new Column("state", item => item.Has("state") ? item.Text("state") : item.Text("outcome")),
        new Column("region", item => Names(item, "region")),
        new Column("site", item => Names(item, "site")),
        new Column("cluster", item => Names(item, "cluster")).Wide(),
        new Column("units", Units) { IsNumber = true },
        Column.Of("kind", "kind").Wide(),
        Column.Of("dataClass", "dataClass").Wide(),
        Column.Number("acceleratorMilli", "acceleratorMilli").Wide(),
        Column.Number("epoch", "epoch").Wide(),
        new Column("boundAt", item => item.Has("boundAt") ? item.Text("boundAt") : item.Text("decidedAt")).Wide(),
        Column.Of("holdUntil", "holdUntil").Wide(),
        Column.Of("preemptedBy", "preemptedBy").Wide(),
        Column.Of("preemptedAt", "preemptedAt").Wide(),
    ]);

    public static Command Build(GlobalOptions global) =>
        new("placements", "List, show and release placements") { List(global), Show(global), Release(global) };

    private static Command List(GlobalOptions global)
    {
        Option<string?>[] filters =
        [
            new("--tenant") { Description = "Only those of a tenant", HelpName = "TENANT" },
            new("--state") { Description = "Only those that are bound, held or preempted", HelpName = "STATE" },
            new("--site") { Description = "Only those at a site", HelpName = "SITE" },
            new("--region") { Description = "Only those in a region", HelpName = "REGION" },
        ];
        var command = new Command("list", "List placements");
        foreach (var filter in filters) command.Add(filter);
        global.Let(command, async (run, cancellation) =>
        {
            var query = string.Concat(filters
                .Where(filter => run.Get(filter) is not null)
                .Select(filter => $"&{filter.Name.TrimStart('-')}={Uri.EscapeDataString(run.Get(filter)!)}"));
            var path = $"{Placements.Path}?page_size={FleetCommands.PageSize}{query}";
            var items = run.Server.ListAsync(path, Placements.Collection, cancellation);
            Placements.Print(run.Screen, run.Format, await items.ToListAsync(cancellation));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Show(GlobalOptions global)
    {
        var id = new Argument<string>("ID") { Description = "Id of the placement" };
        var command = new Command("show", "Show one placement with all its fields") { id };
        global.Let(command, async (run, cancellation) =>
        {
            var path = $"{Placements.Path}/{Ids.Escape(run.Get(id)!)}";
            Placements.PrintOne(run.Screen, run.Format, await run.Server.GetAsync(path, cancellation));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Release(GlobalOptions global)
    {
        var id = new Argument<string>("ID") { Description = "Id of the placement" };
        var command = new Command("release", "Give the room of a placement back") { id };
        global.Let(command, async (run, cancellation) =>
        {
            var path = $"{Placements.Path}/{Ids.Escape(run.Get(id)!)}";
            var answer = await run.Server.SendAsync(new Change(HttpMethod.Delete, path, null, null), cancellation);
            if (answer.Problem is { } problem) throw problem.Failure();
            run.Screen.Line($"released placements/{Ids.Of(run.Get(id)!)}");
            return ExitCode.Ok;
        });
        return command;
    }

    // A list names the place of a placement at its top level, a decision each of its places.
    private static string Names(JsonElement item, string field) => item.Has(field)
        ? item.Text(field)
        : string.Join(' ', PlaceText.Distinct(item.Items("placement.places"), field).Where(name => name.Length > 0));

    private static string Units(JsonElement item) => item.Has("placement.places")
        ? item.Items("placement.places").Sum(place => place.Whole("units")).ToString(CultureInfo.InvariantCulture)
        : item.Text("units");
}
