using System.Diagnostics;
using ControlPlane.Capacity;
using ControlPlane.Capacity.Board;
using ControlPlane.Traces;
using Xunit.Abstractions;

namespace ControlPlane.Core.Tests.Capacity;

public sealed class BoardReportTests(ITestOutputHelper output)
{
    [Fact]
    public void The_report_of_the_shipped_fleet_under_the_public_trace_opens_in_a_browser_and_prints()
    {
        if (DataFolder.Root is null)
        {
            output.WriteLine($"NOT RUN: {DataFolder.Absence}");
            return;
        }

        var loaded = TraceWorld.Play();
        var outlooks = OutlookPlanner.Plan(
            loaded.World, loaded.Law, loaded.History(), (OutlookQuestion.Usual, TraceWorld.AsOf));
        var report = BoardReport.Of(loaded.World, loaded.Law, (loaded.Waiting, outlooks), TraceWorld.AsOf);
        var html = BoardHtml.Write(report);

        Assert.All(outlooks, Believable);
        Assert.Equal(html, BoardHtml.Write(report));
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", OfOneDay(report), StringComparison.Ordinal);
        Assert.Contains("21 November 2026", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", html, StringComparison.Ordinal);
        var folder = Directory.CreateDirectory(Path.Combine(Checkout.Root, "artifacts", "board")).FullName;
        var page = Path.Combine(folder, "board.html");
        File.WriteAllText(page, html);
        Open(folder, page);
    }

    /// <summary>The page on the day after an installation.</summary>
    private static string OfOneDay(BoardReport report) => BoardHtml.Write(report with
    {
        Outlooks = report.Outlooks.Select(outlook => outlook with
        {
            Past = outlook.Past with { Values = [outlook.Past.Values[^1]] },
            Forecast = new HistoryTooShort(1, 28),
        }).ToSeq(),
    });

    /// <summary>No interval tells more than there is, and what is ordered is not there otherwise.</summary>
    private static void Believable(Outlook outlook)
    {
        if (outlook.Forecast is not ForecastMade made) return;
        Assert.All(made.Points.Where(point => point.P90 is not null), point => Assert.InRange(
            point.P90!.Value, 0, Math.Max(point.P50, outlook.LimitAt(point.At) + outlook.Reserved) + 1e-9));
        Assert.Equal(outlook.OrderBy is not null, outlook.OrderAmount > 0);
        if (outlook.OrderBy is not null) Assert.True(outlook.RunsOut <= outlook.OrderBy + outlook.LeadTime);
    }

    /// <summary>A real browser lays the page out, finds nothing to complain about, and prints it.</summary>
    private void Open(string folder, string page)
    {
        if (Browser() is not { } browser)
        {
            output.WriteLine("NOT RUN: there is no browser, and tests/parts/chromium.sh has not fetched one");
            return;
        }

        var (picture, print) = (Path.Combine(folder, "board.png"), Path.Combine(folder, "board.pdf"));
        var dom = Run(browser, "--enable-logging=stderr", "--dump-dom", $"file://{page}");
        Run(browser, $"--screenshot={picture}", "--window-size=1100,5200", "--hide-scrollbars", $"file://{page}");
        Run(browser, $"--print-to-pdf={print}", "--no-pdf-header-footer", $"file://{page}");

        Assert.Contains("What is left, until when, and what survives", dom.Out, StringComparison.Ordinal);
        Assert.True(dom.Out.Split("<svg").Length > 5, "charts are missing");
        Assert.DoesNotContain("CONSOLE", dom.Error, StringComparison.Ordinal);
        Assert.True(new FileInfo(picture).Length > 50_000, "the picture is nearly empty");
        Assert.StartsWith("%PDF", File.ReadAllText(print, System.Text.Encoding.Latin1)[..8], StringComparison.Ordinal);
        output.WriteLine($"{picture} and {print}");
    }

    private static string? Browser()
    {
        var script = Path.Combine(Checkout.Root, "tests", "parts", "chromium.sh");
        // Null only for a shell's start.
        using var process = Process.Start(new ProcessStartInfo(script, "--where") { RedirectStandardOutput = true })!;
        var browser = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? browser : null;
    }

    private static (string Out, string Error) Run(string browser, params string[] arguments)
    {
        var profile = Directory.CreateTempSubdirectory("board-").FullName;
        using var process = Process.Start(new ProcessStartInfo(
            browser,
            ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                $"--user-data-dir={profile}", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!; // null only for a shell's start
        var error = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(2)), "the browser did not end");
        Directory.Delete(profile, recursive: true);
        return (text, error.Result);
    }
}
