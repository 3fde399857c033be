using System.CommandLine;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Regions;

/// <summary>Lists and shows what the server has declared: regions, sites, node pools and accelerator models.</summary>
internal static class FleetCommands
{
    /// <summary>Items that one page is asked to hold.</summary>
    public const int PageSize = 500;

    private static readonly Listing Regions = new("regions", "v1/regions", "id",
    [
        Column.Of("region", "id"),
        Column.Of("jurisdiction", "jurisdiction"),
        Column.Of("operator", "operator"),
        new Column("sites", item => CountOf(item, "sites")) { IsNumber = true },
        Column.Of("name", "name"),
    ]);

    private static readonly Listing Sites = new("sites", "v1/sites", "id",
    [
        Column.Of("site", "id"),
        Column.Of("region", "region"),
        Column.Of("country", "country"),
        Column.Of("city", "city"),
        Column.Of("status", "status"),
    ]);

    private static readonly Listing Pools = new("nodePools", "v1/node-pools", "id",
    [
        Column.Of("pool", "id"),
        Column.Of("region", "region"),
        Column.Of("site", "site"),
        Column.Of("cluster", "cluster").Wide(),
        Column.Of("sku", "sku"),
        Column.Number("nodes", "nodes"),
    ]);

    private static readonly Listing Skus = new("skus", "v1/skus", "id",
    [
        Column.Of("sku", "id"),
        Column.Of("vendor", "vendor"),
    ]);

    public static IEnumerable<Command> Build(GlobalOptions global)
    {
        yield return Build(global, "regions", "region", Regions);
        yield return Build(global, "sites", "site", Sites);
        yield return Build(global, "pools", "node pool", Pools);
        yield return Build(global, "skus", "accelerator model", Skus);
    }

    private static Command Build(GlobalOptions global, string name, string singular, Listing listing)
    {
        var command = new Command(name, $"List {singular}s, or show one");
        var list = new Command("list", $"List all {singular}s");
        global.Let(list, async (run, cancellation) =>
        {
            var things = run.Server.ListAsync($"{listing.Path}?page_size={PageSize}", listing.Collection, cancellation);
            listing.Print(run.Screen, run.Format, await things.ToListAsync(cancellation));
            return ExitCode.Ok;
        });
        var id = new Argument<string>("ID") { Description = $"Name of the {singular}" };
        var show = new Command("show", $"Show one {singular} with all its fields") { id };
        global.Let(show, async (run, cancellation) =>
        {
            var thing = await run.Server.GetAsync($"{listing.Path}/{Uri.EscapeDataString(run.Get(id)!)}", cancellation);
            listing.PrintOne(run.Screen, run.Format, thing);
            return ExitCode.Ok;
        });
        command.Add(list);
        command.Add(show);
        return command;
    }

    private static string CountOf(System.Text.Json.JsonElement item, string field) =>
        item.Items(field).Count().ToString(System.Globalization.CultureInfo.InvariantCulture);
}
