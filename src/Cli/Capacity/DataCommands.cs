using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Capacity;

/// <summary>
/// Tells where data is, what moving it costs beside moving the work, and which copies would keep promises; exit code 1
/// when a copy is where it may not be or a promise does not hold.
/// </summary>
internal static class DataCommands
{
    private static readonly Listing Copies = new("copies", "", "dataset",
    [
        Column.Of("dataset", "dataset"), Column.Of("tenant", "tenant"), Column.Of("class", "dataClass"),
        Column.Number("gib", "sizeGib"), Column.Number("changes_gib_a_day", "changeGibPerDay"),
        new Column("home", item => item.Items("copies").First().Text("site")),
        new Column("copies", item => string.Join(", ", item.Items("copies").Skip(1).Select(copy => copy.Text("site")))),
        Column.Number("lawfulSites", "lawfulSites"),
        new Column("unlawful", item => string.Join("; ", item.Items("copies").Where(copy => !copy.Flag("isLawful"))
            .Select(copy => $"{copy.Text("site")}: {copy.Text("because")}"))),
    ]);

    private static readonly Listing Options = new("options", "", "site",
    [
        Column.Of("workload", "workload"), Column.Of("site", "site"), Column.Of("moves", "moves"),
        Column.Number("gib", "gib"),
        new Column("takes", item => Time(item.Text("seconds"))) { IsNumber = true },
        Column.Number("move_usd", "moveUsd"), Column.Number("run_usd_hour", "runUsdPerHour"),
        Column.Number("total_usd", "totalUsd"),
        new Column("room", item => item.Flag("hasRoom") ? "yes" : "no"),
        new Column("over", item => string.Join("; ", item.Items("over").Select(Way))).Wide(),
    ]);

    private static readonly Listing Promises = new("promises", "", "workload",
    [
        Column.Of("workload", "workload"), Column.Of("if", "scenario"),
        new Column("promised", item => Time(item.Text("promisedSeconds"))) { IsNumber = true },
        new Column("today", item => Time(item.Text("todaySeconds"))) { IsNumber = true },
        new Column("withCopies", item => Time(item.Text("withCopiesSeconds"))) { IsNumber = true },
        new Column("kept", item => item.Flag("keptWithCopies") ? "with copies" : "NEVER"),
    ]);

    private static readonly Listing Standby = new("copies", "", "dataset",
    [
        Column.Of("dataset", "dataset"), Column.Of("copyTo", "site"), Column.Of("beside", "cluster").Wide(),
        new Column("over", item => item.Text("sites")).Wide(),
        new Column("takes", item => Time(item.Text("firstSeconds"))) { IsNumber = true },
        Column.Number("first_usd", "firstUsd"), Column.Number("usd_a_month", "usdPerMonth"),
        Column.Number("total_usd", "totalUsd"),
    ]);

    public static Command Build(GlobalOptions global)
    {
        var command = new Command("data", "Tell where data is, what moving it costs, and which copies would help");
        command.Add(List(global));
        command.Add(Plan(global));
        return command;
    }

    private static Command List(GlobalOptions global)
    {
        var command = new Command("list", "List datasets with their copies; ends with 1 when one is kept unlawfully");
        global.Let(command, async (run, cancellation) =>
        {
            var plan = await run.Server.GetAsync("v1/reports/data", cancellation);
            var datasets = plan.Items("datasets").ToList();
            Copies.Print(run.Screen, run.Format, datasets);
            return datasets.Exists(IsUnlawful) ? ExitCode.No : ExitCode.Ok;
        });
        return command;
    }

    private static Command Plan(GlobalOptions global)
    {
        var share = Whole("--link-share", "Hundredths of every link that data may take", 50);
        var hours = Whole("--run-hours", "Hours for which work then runs, priced beside the move", 720);
        var months = Whole("--months", "Months for which a standby copy is paid", 12);
        var within = Whole("--within-hours", "Hours in which a move should end, as far as links allow", 24);
        var workload = new Option<string?>("--workload") { Description = "Only this workload", HelpName = "NAME" };
        var command = new Command(
            "plan", "Price moving work against moving its data; ends with 1 when a promise does not hold")
        {
            workload, share, hours, months, within,
        };
        global.Let(command, async (run, cancellation) =>
        {
            var plan = await run.Server.GetAsync(string.Create(CultureInfo.InvariantCulture,
                $"v1/reports/data?link_share={run.Get(share)}&run_hours={run.Get(hours)}&months={run.Get(months)}"
                + $"&within_hours={run.Get(within)}"), cancellation);
            Print(run, plan, run.Get(workload));
            return plan.Items("promises").Any() || plan.Items("datasets").Any(IsUnlawful) ? ExitCode.No : ExitCode.Ok;
        });
        return command;
    }

    private static void Print(CommandRun run, JsonElement plan, string? only)
    {
        if (DataText.Print(run.Screen, run.Format, plan)) return;

        var rows = plan.Items("workloads").Where(item => only is null || item.Text("workload") == only)
            .SelectMany(item => item.Items("options").Select(option => Named(item.Text("workload"), option)))
            .ToList();
        Options.Print(run.Screen, run.Format, rows);
        if (run.Format is not (OutputFormat.Table or OutputFormat.Wide)) return;
        var (promises, copies) = (plan.Items("promises").ToList(), plan.Items("standbyCopies").ToList());
        if (promises.Count > 0)
        {
            run.Screen.Line("");
            Promises.Print(run.Screen, run.Format, promises);
        }

        if (copies.Count > 0)
        {
            run.Screen.Line("");
            Standby.Print(run.Screen, run.Format, copies);
            run.Screen.Line($"these copies cost {plan.Text("standbyUsd")} USD"
                + (plan.Flag("standbyIsCheapest") ? "; no cheaper ones would do" : "; cheaper ones may exist"));
        }

        Screen.Note("no change was made; every place and copy was judged by the law where it would be");
    }

    private static JsonElement Named(string workload, JsonElement option) => JsonElement.Parse(
        $$"""{"workload":"{{workload}}",{{option.GetRawText().AsSpan(1)}}""");

    private static string Way(JsonElement move) =>
        $"{(move.Text("dataset") is { Length: > 0 } name ? name : "state")} {string.Join(" > ",
            move.Items("sites").Select(site => site.GetString()))}";

    private static bool IsUnlawful(JsonElement dataset) => dataset.Items("copies").Any(copy => !copy.Flag("isLawful"));

    private static string Time(string seconds) => seconds.Length == 0
        ? "-"
        : decimal.Parse(seconds, CultureInfo.InvariantCulture) is var number && number < 3_600
            ? $"{seconds} s"
            : $"{(number / 3_600).ToString("0.#", CultureInfo.InvariantCulture)} h";

    private static Option<int> Whole(string name, string description, int usual) =>
        new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => usual };
}
