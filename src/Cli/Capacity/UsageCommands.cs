using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ControlPlane.Capacity;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;
using ControlPlane.Files;

namespace ControlPlane.Cli.Capacity;

/// <summary>Shows what was in use at each hour, and takes in what was measured elsewhere.</summary>
internal static partial class UsageCommands
{
    /// <summary>Rows that are sent at once.</summary>
    private const int RowsAtOnce = 10_000;

    private const int LargestFileBytes = 256 << 20;

    private static readonly Listing Rows = new("usage", "v1/usage", "region",
    [
        Column.Of("region", "region"), Column.Of("sku", "sku"), Column.Of("hour", "hour"),
        Column.Number("hours", "stepHours"), Column.Number("accelerators", "accelerators"),
        Column.Number("megawatts", "megawatts"),
    ]);

    public static Command Build(GlobalOptions global) =>
        new("usage", "Past use of accelerators and power") { List(global), Import(global) };

    private static Command List(GlobalOptions global)
    {
        var (region, sku) = (new Option<string?>("--region") { Description = "Only this region" },
            new Option<string?>("--sku") { Description = "Only this accelerator model" });
        var command = new Command("list", "List what was in use at each hour") { region, sku };
        global.Let(command, async (run, cancellation) =>
        {
            var query = new[] { ("region", run.Get(region)), ("sku", run.Get(sku)) }
                .Where(item => item.Item2 is not null)
                .Select(item => $"&{item.Item1}={Uri.EscapeDataString(item.Item2!)}"); // those without were left out
            var found = new List<JsonElement>();
            var path = $"v1/usage?page_size=500{string.Concat(query)}";
            await foreach (var item in run.Server.ListAsync(path, "usage", cancellation)) found.Add(item);
            Rows.Print(run.Screen, run.Format, found);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Import(GlobalOptions global)
    {
        var file = new Argument<string>("FILE.csv")
        {
            Description = $"Rows of {UsageText.Header}: accelerators, or megawatts where sku is empty; - reads stdin",
        };
        var command = new Command("import", "Take in past use from CSV; all of it or, with any bad row, nothing of "
            + "the part")
        {
            file,
        };
        global.Let(command, async (run, cancellation) =>
        {
            var source = InputFile.Read(run.Get(file)!, LargestFileBytes);
            var parsed = UsageText.Parse(source.Text);
            if (!parsed.IsValid)
                throw new CommandFailure(parsed.Problems.Select(problem => problem with { File = source.Path })
                    .ToSeq());
            var (taken, kept) = (0L, 0L);
            foreach (var (index, rows) in parsed.Value.Rows.Chunk(RowsAtOnce).Index())
            {
                var answer = await SendAsync(run, (source, index * RowsAtOnce), rows, cancellation);
                taken += answer.Whole("taken");
                kept += answer.Whole("kept");
            }

            run.Screen.Line($"{taken} hours taken in, {kept} kept as they were measured here");
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<JsonElement> SendAsync(
        CommandRun run, (SourceFile File, int First) from, UsageRow[] rows, CancellationToken cancellation)
    {
        var body = JsonSerializer.Serialize(new
        {
            rows = rows.Select(row => row.Sku is { } sku
                ? (object)new { hour = Text(row.Hour), region = row.Region.Value, sku = sku.Value, usedMilli =
                    row.UsedMilli }
                : new { hour = Text(row.Hour), region = row.Region.Value, usedMilli = row.UsedMilli }),
        });
        // Safe to repeat: the same hours say the same.
        var answer = await run.Server.SendAsync(
            new Change(HttpMethod.Post, "v1/usage:import", body, IdempotencyKey: null), cancellation);
        if (answer.Problem is not { } problem) return answer.Body;
        var lines = LinesOf(from.File.Text);
        var placed = problem.Complaints.Select(item => PlaceOf(item) is { } row
            ? new Problem(item.Slug, "", item.Detail) { File = from.File.Path, Line = lines[from.First + row],
                Column = 1 }
            : new Problem(item.Slug, item.Pointer, item.Detail)).ToSeq();
        throw placed.Count > 0 ? new CommandFailure(placed) : problem.Failure();
    }

    /// <summary>Row that a complaint of the server is about.</summary>
    private static int? PlaceOf(ServerComplaint complaint) =>
        RowText().Match(complaint.Pointer) is { Success: true } match
            ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : null;

    /// <summary>Line of each row of the file, blank ones left out as they are in reading.</summary>
    private static List<int> LinesOf(string text) =>
    [
        .. text.ReplaceLineEndings("\n").Split('\n').Index().Skip(1).Where(line => line.Item.Length > 0)
            .Select(line => line.Index + 1),
    ];

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'",
        CultureInfo.InvariantCulture);

    [GeneratedRegex("^/rows/([0-9]+)(/|$)")]
    private static partial Regex RowText();
}
