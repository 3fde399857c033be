using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Failover;
using ControlPlane.Cli.Terminal;
using ControlPlane.Files;

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
        Column.Number("accelerators", "accelerators"),
        Column.Number("free", "acceleratorsFree"),
        Column.Of("name", "name"),
        Column.Of("accessLaws", "accessLaws").Wide(),
    ]);

    private static readonly Listing Sites = new("sites", "v1/sites", "id",
    [
        Column.Of("site", "id"),
        Column.Of("region", "region"),
        Column.Of("country", "country"),
        Column.Of("city", "city"),
        Column.Of("status", "status"),
        Column.Number("pue", "pue").Wide(),
        Column.Number("accelerators", "accelerators"),
        Column.Number("free", "acceleratorsFree"),
    ]);

    private static readonly Listing Pools = new("nodePools", "v1/node-pools", "id",
    [
        Column.Of("pool", "id"),
        Column.Of("region", "region").Wide(),
        Column.Of("site", "site"),
        Column.Of("cluster", "cluster").Wide(),
        Column.Of("sku", "sku"),
        Column.Of("fabric", "fabric"),
        Column.Number("nodes", "nodes"),
        Column.Number("perNode", "acceleratorsPerNode"),
        new Column("free", item => Thousandths(item, "acceleratorMilliFree")) { IsNumber = true },
        Column.Number("cpuMilliFree", "cpuMilliFree").Wide(),
        Column.Number("memoryMibFree", "memoryMibFree").Wide(),
        Column.Number("usdPerHour", "usdPerHour"),
    ]);

    private static readonly Listing Skus = new("skus", "v1/skus", "id",
    [
        Column.Of("sku", "id"),
        Column.Of("vendor", "vendor"),
        Column.Of("model", "model"),
        Column.Number("memoryGib", "memoryGib"),
        Column.Number("gigabytesPerSecond", "bandwidthGigabytesPerSecond"),
        Column.Number("bf16Teraflops", "teraflops.bf16"),
        Column.Number("fp8Teraflops", "teraflops.fp8").Wide(),
        Column.Number("fp4Teraflops", "teraflops.fp4").Wide(),
        Column.Number("watts", "watts"),
        Column.Of("status", "status").Wide(),
    ]);

    public static IEnumerable<Command> Build(GlobalOptions global)
    {
        yield return Build(global, "regions", "region", Regions);
        var sites = Build(global, "sites", "site", Sites);
        foreach (var verb in SiteCommands.Build(global)) sites.Add(verb);
        foreach (var fault in FaultCommands.Build(global)) sites.Add(fault);
        yield return sites;
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
            var name = run.Get(id)!;
            try
            {
                var thing = await run.Server.GetAsync($"{listing.Path}/{Uri.EscapeDataString(name)}", cancellation);
                listing.PrintOne(run.Screen, run.Format, thing);
            }
            catch (CommandFailure missing) when (missing.Slug == "not-found")
            {
                var things = await run.Server.ListAsync(
                    listing.Path, listing.Collection, cancellation).ToListAsync(cancellation);
                var hint = NearestName.Hint(name, things.Select(thing => thing.Text(listing.Id)));
                throw CommandFailure.Input("not-found", $"there is no {singular} '{name}'{hint}");
            }

            return ExitCode.Ok;
        });
        command.Add(list);
        command.Add(show);
        return command;
    }

    private static string CountOf(JsonElement item, string field) =>
        item.Items(field).Count().ToString(CultureInfo.InvariantCulture);

    private static string Thousandths(JsonElement item, string field) =>
        item.Decimal(field) is { } value ? (value / 1000).ToString("0.###", CultureInfo.InvariantCulture) : "";
}
