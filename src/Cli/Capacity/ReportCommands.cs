using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Capacity;

/// <summary>Reports what is left: installed, sold, held, free, and what of it is of use.</summary>
internal static class ReportCommands
{
    private static readonly Seq<string> Views = ["jurisdiction", "region", "site", "sku", "tenant"];

    private static readonly Seq<string> Units = ["accelerators", "bf16", "fp8", "fp4", "megawatts"];

    private static readonly Seq<Column> Figures =
    [
        Figure("installed").Wide(),
        Figure("allocatable"),
        Figure("sold"),
        Figure("held"),
        Figure("reserved"),
        Figure("free"),
        Figure("usable"),
        Figure("largestHole"),
        Figure("strandedByLaw"),
        Figure("strandedByClaim").Wide(),
        Figure("strandedByAgent").Wide(),
        Figure("strandedByPower").Wide(),
        Figure("strandedByFragments").Wide(),
        Figure("freeTeraflopsBf16").Wide(),
    ];

    public static Command Build(GlobalOptions global)
    {
        var by = new Option<string>("--by")
        {
            Description = $"What the rows stand for: {string.Join(", ", Views)}",
            HelpName = string.Join('|', Views),
            DefaultValueFactory = _ => "region",
        };
        by.CompletionSources.Add(_ => Views);
        var capacity = new Command("capacity", "Report what is installed, sold, held, free and stranded") { by };
        var waiting = new Option<int>("--waiting-hours")
        {
            Description = "Hours for which a request that was refused for want of room counts as waiting",
            DefaultValueFactory = _ => 24,
        };
        capacity.Add(waiting);
        var unit = new Option<string>("--unit")
        {
            Description = "What is counted: accelerators, dense TFLOP/s at bf16, fp8 or fp4, or facility megawatts at "
                + "full use",
            HelpName = string.Join('|', Units),
            DefaultValueFactory = _ => "accelerators",
        };
        unit.CompletionSources.Add(_ => Units);
        capacity.Add(unit);
        var stale = new Option<int>("--stale-seconds")
        {
            Description = "Seconds after the last look of a site's agent from which what is free there does not count",
            DefaultValueFactory = _ => 120,
        };
        capacity.Add(stale);
        global.Let(capacity, [OutputFormat.Markdown, OutputFormat.Html], async (run, cancellation) =>
        {
            var (view, hours) = (run.Get(by)!, run.Get(waiting));
            if (run.Format == OutputFormat.Html)
            {
                var board = await run.Server.GetAsync($"v1/reports/board?waiting_hours={hours}", cancellation);
                run.Screen.Out.Write(board.Text("html"));
                return ExitCode.Ok;
            }

            var report = await run.Server.GetAsync(
                $"v1/reports/capacity?by={Uri.EscapeDataString(view)}&waiting_hours={hours}"
                + $"&stale_seconds={run.Get(stale)}&unit={Uri.EscapeDataString(run.Get(unit)!)}", cancellation);
            Print(run.Screen, run.Format, view, report);
            return ExitCode.Ok;
        });
        return new Command("report", "Report on capacity") { capacity };
    }

    private static void Print(Screen screen, OutputFormat format, string view, JsonElement report)
    {
        if (DataText.Print(screen, format, report)) return;

        Seq<Column> names = view == "sku" ? [Column.Of("sku", "sku")]
            : [Column.Of(view, "name"), Column.Of("sku", "sku")];
        // Nothing but what is taken is a tenant's.
        var figures = view == "tenant" ? [Figure("sold"), Figure("held")] : Figures;
        var listing = new Listing("rows", "", "name", [.. names, .. figures]);
        if (format == OutputFormat.Markdown)
        {
            MarkdownTable.Print(screen, listing.Columns, report.Items("rows"));
            screen.Line("");
        }
        else
        {
            listing.Print(screen, format, report.Items("rows"));
        }

        if (format is OutputFormat.Csv or OutputFormat.Name) return;
        screen.Line("");
        Sums(screen, view, report);
        var kinds = report.Text("demandClasses");
        Screen.Note($"state of position {report.Text("position")}, as of {Instant(report.Text("asOf"))}; "
            + $"usable is judged by {kinds} {(kinds == "1" ? "kind" : "kinds")} of demand");
    }

    private static void Sums(Screen screen, string view, JsonElement report)
    {
        var (total, power) = (report.GetProperty("total"), report.Items("power").ToList());
        var what = report.Text("unit") switch
        {
            "accelerators" => "accelerators",
            "megawatts" => "MW of accelerators",
            var precision => $"TFLOP/s at {precision}",
        };
        if (view == "tenant")
        {
            screen.Line($"{total.Text("sold")} {what} are sold, {total.Text("held")} held");
            return;
        }

        screen.Line($"{total.Text("free")} of {total.Text("allocatable")} {what} are free, "
            + $"{total.Text("usable")} of use to some workload that runs or waits; "
            + $"stranded by law {total.Text("strandedByLaw")}, by ended claims {total.Text("strandedByClaim")}, "
            + $"by silent agents {total.Text("strandedByAgent")}, "
            + $"by power {total.Text("strandedByPower")}, by fragments {total.Text("strandedByFragments")}");
        if (power.Count > 0)
        {
            screen.Line($"{Sum(power, "drawnMegawatts")} of {Sum(power, "contractMegawatts")} MW are drawn, "
                + $"{Sum(power, "freeMegawatts")} MW are free");
        }
    }

    private static string Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)
        .UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Sum(List<JsonElement> rows, string field) =>
        rows.Sum(row => row.Decimal(field) ?? 0).ToString("0.###", CultureInfo.InvariantCulture);

    private static Column Figure(string name) => Column.Number(name, $"accelerators.{name}");
}
