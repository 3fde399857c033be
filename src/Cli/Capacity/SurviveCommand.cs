using System.CommandLine;
using System.Text.Json;
using ControlPlane.Capacity;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Capacity;

/// <summary>
/// Tells what would become of workloads if something were lost; exit code 1 when some would not recover.
/// </summary>
internal static class SurviveCommand
{
    private static readonly Listing Scenarios = new("scenarios", "v1/reports/survival", "scenario",
    [
        Column.Of("scenario", "scenario"),
        Number("displaced", item => item.Items("workloads").Count()),
        Outcome("recovers"),
        Outcome("degraded"),
        Outcome("noRoom"),
        Outcome("noHardware", "noCapableHardware"),
        Outcome("noLawfulPlace"),
        Outcome("notTogether"),
        Number("noData", item => item.Items("workloads").Count(workload => !workload.Flag("hasLawfulData"))),
        new Column("missing", item => string.Join(", ", item.Items("shortages").Select(Missing))),
        new Column("wouldClose", item => string.Join(", ", item.Items("purchases").Select(Purchase))).Wide(),
        Column.Number("gapToBound", "gapToBound").Wide(),
    ]);

    private static readonly Listing Workloads = new("workloads", "", "workload",
    [
        Column.Of("workload", "workload"),
        Column.Of("tenant", "tenant"),
        Column.Number("priority", "priority"),
        Column.Of("outcome", "outcome"),
        Column.Number("displaced", "displaced"),
        Column.Number("recovered", "recovered"),
        Column.Of("from", "from").Wide(),
        LossColumns.To,
        LossColumns.Data,
        new Column("why", item => item.Flag("goesAlong") ? "goes along with what it is bound to"
            : item.Text("because")),
    ]);

    public static Command Build(GlobalOptions global)
    {
        var scenario = new Argument<string[]>("SCENARIO")
        {
            Description = "usual (each region and each provider lost), pairs (every two regions), sales (each operator "
                + "to each country that reaches for data), transfers (each basis ends), delays (power that is still to "
                + $"come, half a year late), all, or one of: {string.Join("; ", ScenarioText.Forms)}",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("survive", "Tell what would become of workloads if something were lost") { scenario };
        global.Let(command, async (run, cancellation) =>
        {
            var words = run.Get(scenario) ?? [];
            var asked = words.Length == 0 ? "usual" : string.Join(' ', words);
            var answer = await run.Server.GetAsync(
                $"v1/reports/survival?scenario={Uri.EscapeDataString(asked)}", cancellation);
            var reports = answer.Items("scenarios").ToList();
            Print(run, reports, answer);
            return reports.TrueForAll(report => report.GetProperty("survives").GetBoolean())
                ? ExitCode.Ok
                : ExitCode.No;
        });
        return command;
    }

    private static void Print(CommandRun run, List<JsonElement> reports, JsonElement answer)
    {
        if (DataText.Print(run.Screen, run.Format, answer)) return;

        var touched = run.Format is OutputFormat.Table or OutputFormat.Wide && reports.Count > 1
            ? reports.FindAll(report => report.Items("workloads").Any())
            : reports;
        Scenarios.Print(run.Screen, run.Format, touched);
        if (run.Format is not (OutputFormat.Table or OutputFormat.Wide)) return;
        if (reports.Count == 1)
        {
            run.Screen.Line("");
            Workloads.Print(run.Screen, run.Format, reports[0].Items("workloads"));
        }

        if (touched.Count < reports.Count)
            Screen.Note($"{reports.Count - touched.Count} more scenarios displace nothing");
        Screen.Note("no change was made");
    }

    private static Column Outcome(string name) => Outcome(name, name);

    private static Column Outcome(string title, string name) =>
        Number(title, item => item.Items("workloads").Count(workload => workload.Text("outcome") == name));

    private static Column Number(string title, Func<JsonElement, int> of) =>
        new(title, item => of(item).ToString(System.Globalization.CultureInfo.InvariantCulture)) { IsNumber = true };

    private static string Missing(JsonElement shortage) => shortage.Text("sku") is { Length: > 0 } sku
        ? $"{shortage.Text("accelerators")} {sku} ({shortage.Text("megawatts")} MW)"
        : $"{shortage.Text("units")} units without accelerators";

    private static string Purchase(JsonElement purchase) =>
        $"{purchase.Text("nodes")} nodes for {purchase.Text("nodePool")} ({purchase.Text("megawatts")} MW)";
}
