using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Cells;

/// <summary>
/// Shows which cell a server is, what leaves it and what it knows of others; looks for what is astray.
/// </summary>
internal static class CellCommands
{
    private static readonly Listing One = new("cells", "v1/cell", "cell",
    [
        Column.Of("cell", "cell"), Column.Of("jurisdictions", "jurisdictions"), Column.Of("regions", "regions"),
        Column.Number("sites", "sites"), Column.Of("directory", "directory"),
    ]);

    private static readonly Listing Rows = new("sites", "v1/cells", "site",
    [
        Column.Of("cell", "cell"), Column.Of("region", "region"), Column.Of("site", "site"),
        Column.Of("health", "health"), Column.Of("open", "open"), Column.Of("sku", "sku"),
        Column.Number("free", "free"), Column.Number("installed", "installed"), Column.Number("largest", "largest"),
        Column.Number("free kw", "freeKilowatts"), Column.Number("age s", "ageSeconds"),
        Column.Of("law", "law").Wide(), Column.Of("url", "url").Wide(),
    ])
    {
        KeepsOrder = true,
    };

    public static Command Build(GlobalOptions global) =>
        new("cell", "Which cell this is, what leaves it, what is known of others")
        {
            Show(global), List(global), CellCheck.Build(global), Push(global),
        };

    private static Command Show(GlobalOptions global)
    {
        var command = new Command("show", "Show which cell the server is and what it holds");
        global.Let(command, async (run, cancellation) =>
        {
            One.PrintOne(run.Screen, run.Format, await run.Server.GetAsync(One.Path, cancellation));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command List(GlobalOptions global)
    {
        var sku = new Option<string?>("--sku") { Description = "Only with this model; cpu for nodes without any" };
        var free = new Option<int?>("--free") { Description = "Only where so many are free at a site" };
        var largest = new Option<int?>("--largest") { Description = "Only where so many are free on one node" };
        var command = new Command("list", "List the cells of the directory, as the server last heard of them")
        {
            sku, free, largest,
        };
        global.Let(command, async (run, cancellation) =>
        {
            var query = new[]
            {
                ("sku", run.Get(sku)), ("free", Text(run.Get(free))), ("largest", Text(run.Get(largest))),
            };
            var asked = string.Join('&', query.Where(item => item.Item2 is not null)
                .Select(item => $"{item.Item1}={Uri.EscapeDataString(item.Item2!)}")); // those without were left out
            var path = asked.Length == 0 ? Rows.Path : $"{Rows.Path}?{asked}";
            var answer = await run.Server.GetAsync(path, cancellation);
            if (run.Format is OutputFormat.Json) run.Screen.Out.WriteLine(DataText.Json(answer));
            else Rows.Print(run.Screen, run.Format, answer.Items("cells").SelectMany(RowsOf));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Push(GlobalOptions global)
    {
        var dry = new Option<bool>("--dry-run")
        {
            Description = "Show exactly what would leave the cell; send nothing",
        };
        var command = new Command("push", "Tell the directory the numbers of the cell now") { dry };
        global.Let(command, async (run, cancellation) =>
        {
            if (run.Get(dry))
            {
                var shown = await run.Server.GetAsync("v1/cell/report", cancellation);
                run.Screen.Out.WriteLine(run.Format == OutputFormat.Json ? DataText.Json(shown) : shown.Text("text"));
                return ExitCode.Ok;
            }

            var answer = await run.Server.SendAsync(
                new Change(HttpMethod.Post, "v1/cell:push", Json: null, IdempotencyKey: null), cancellation);
            if (answer.Problem is { } problem) throw problem.Failure();
            run.Screen.Line($"told, {answer.Body.Whole("bytes")} bytes of numbers");
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>One row for each model at each site.</summary>
    private static IEnumerable<JsonElement> RowsOf(JsonElement cell) =>
        from site in cell.Items("sites")
        from sku in site.Items("skus").DefaultIfEmpty()
        select JsonSerializer.SerializeToElement(new Dictionary<string, object?>
        {
            ["cell"] = cell.Text("cell"), ["url"] = cell.Text("url"), ["ageSeconds"] = cell.Whole("ageSeconds"),
            ["region"] = site.Text("region"), ["site"] = site.Text("site"), ["health"] = site.Text("health"),
            ["open"] = site.Flag("open"), ["freeKilowatts"] = site.Whole("freeKilowatts"), ["law"] = site.Text("law"),
            ["sku"] = sku.Text("sku"), ["free"] = sku.Whole("free"), ["installed"] = sku.Whole("installed"),
            ["largest"] = sku.Whole("largest"),
        });

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
