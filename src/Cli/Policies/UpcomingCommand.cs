using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Ledger;
using ControlPlane.Cli.Terminal;
using ControlPlane.Ledger;
using ControlPlane.Policies;
using ControlPlane.Regions;

namespace ControlPlane.Cli.Policies;

/// <summary>
/// Lists what runs and will become unlawful although nothing changes but the date: when, by which rule, and why.
/// </summary>
internal static class UpcomingCommand
{
    private static readonly Seq<string> Columns =
        ["day", "deadline", "id", "tenant", "workload", "site", "rule", "because", "causes"];

    public static Command Build(GlobalOptions global)
    {
        var until = new Option<DateTimeOffset>("--until")
        {
            Description = "Last day to look at, such as 2027-12-31",
            HelpName = "DATE",
            Required = true,
            CustomParser = result => ParseDate(result),
        };
        var from = new Option<DateTimeOffset?>("--as-of")
        {
            Description = "Day to look from; today when left out",
            HelpName = "DATE",
            CustomParser = result => ParseDate(result),
        };
        var ledger = new Option<string?>("--ledger")
        {
            Description = "Export that tells what runs and which law is in force, - for standard input; the server's "
                + "ledger when left out",
            HelpName = "FILE",
        };
        var snapshot = new Option<string?>("--snapshot")
        {
            Description = "The same from a snapshot, as 'ledger snapshot' writes it", HelpName = "FILE",
        };
        var command = new Command("upcoming", "List what will become unlawful when nothing changes but the date")
        {
            until, from, ledger, snapshot,
        };
        global.Let(command, (run, cancellation) => Task.FromResult(List(
            run,
            (run.Get(from) ?? TimeProvider.System.GetUtcNow(), run.Get(until)),
            run.Get(snapshot) is { } file
                ? SnapshotFile.Read(file)
                : SnapshotFile.Fold(run.Get(ledger) is { } path
                    ? LedgerLines.OfFile(path)
                    : LedgerLines.OfServerAsync(run.Server, cancellation).ToBlockingEnumerable(cancellation)))));
        return command;
    }

    private static int List(CommandRun run, (DateTimeOffset From, DateTimeOffset Until) time, LedgerState state)
    {
        if (time.Until <= time.From) throw CommandFailure.Usage("--until must lie after the day to look from");
        var found = LawAudit.Upcoming(state.World, state.Law.Policies, time.From, time.Until);
        var rows = found
            .SelectMany(binding => binding.Breaches.Select(breach => Row(state.World.Fleet, binding, breach)))
            .ToList();
        Print(run, rows);
        Screen.Note($"{DiffText.Count(found.Select(item => item.Placement.Id).Distinct().Count(), "placement")} of "
            + $"{state.World.Placements.Count} will become unlawful until "
            + Day(DateOnly.FromDateTime(time.Until.UtcDateTime)));
        return rows.Count == 0 ? ExitCode.Ok : ExitCode.No;
    }

    private static Dictionary<string, string> Row(Fleet fleet, UnlawfulBinding binding, Breach breach) => new()
    {
        ["day"] = Day(breach.Since),
        ["deadline"] = Day(breach.Deadline),
        ["id"] = binding.Placement.Id.ToString(),
        ["tenant"] = binding.Placement.Request.Tenant.Value,
        ["workload"] = binding.Placement.Request.Workload,
        ["site"] = DiffText.Where(fleet, binding.Placement.Units),
        ["rule"] = breach.Rule,
        ["because"] = breach.Because,
        ["causes"] = string.Join("; ", breach.Causes.Select(cause => cause.What)),
    };

    private static void Print(CommandRun run, List<Dictionary<string, string>> rows)
    {
        var data = JsonSerializer.SerializeToElement(new { upcoming = rows });
        switch (run.Format)
        {
            case OutputFormat.Json:
                run.Screen.Out.WriteLine(DataText.Json(data));
                break;
            case OutputFormat.Yaml:
                run.Screen.Out.WriteLine(DataText.Yaml(data));
                break;
            case OutputFormat.Csv:
                run.Screen.Line(DataText.Csv(Columns));
                foreach (var row in rows) run.Screen.Line(DataText.Csv(Columns.Select(column => row[column])));
                break;
            case OutputFormat.Name:
                foreach (var row in rows) run.Screen.Line($"placements/{row["id"]}");
                break;
            default:
                foreach (var row in rows)
                {
                    run.Screen.Line(
                        $"{row["day"]}  {row["tenant"]}/{row["workload"]}  at {row["site"]}  {row["rule"]}");
                    run.Screen.Line($"            {row["because"]}");
                    if (row["causes"].Length > 0) run.Screen.Line($"            {row["causes"]}");
                    if (row["deadline"] != row["day"]) run.Screen.Line($"            may stay until {row["deadline"]}");
                }

                break;
        }
    }

    internal static DateTimeOffset ParseDate(ArgumentResult result)
    {
        var given = result.Tokens[0].Value;
        if (DateOnly.TryParseExact(given, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return new DateTimeOffset(day.ToDateTime(new TimeOnly(12, 0)), TimeSpan.Zero);
        result.AddError($"'{given}' is no date such as 2026-01-31");
        return default;
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
