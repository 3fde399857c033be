using System.Diagnostics;
using ControlPlane.Capacity;
using ControlPlane.Capacity.Board;
using ControlPlane.Traces;
using Xunit.Abstractions;

namespace ControlPlane.Core.Tests.Capacity;

public sealed class BoardReportTests(ITestOutputHelper output)
{
    private const int Hours = 24 * 60;

    [Fact]
    public void The_report_of_the_shipped_fleet_under_the_public_trace_opens_in_a_browser_and_prints()
    {
        if (DataFolder.Root is null)
        {
            output.WriteLine($"NOT RUN: {DataFolder.Absence}");
            return;
        }

        var loaded = TraceWorld.Load(Hours);
        var past = loaded.History().Select(usage => usage with { Past = OutlookPlanner.Daily(usage.Past) });
        var outlooks = OutlookPlanner.Plan(
            loaded.World, loaded.Law, past, (OutlookQuestion.Usual, TraceWorld.AsOf));
        var report = BoardReport.Of(loaded.World, loaded.Law, (loaded.Waiting.ToSeq(), outlooks), TraceWorld.AsOf);
        var html = BoardHtml.Write(report);

        Assert.Equal(html, BoardHtml.Write(report));
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.Contains("21 November 2026", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", html, StringComparison.Ordinal);
        var folder = Directory.CreateDirectory(Path.Combine(Checkout.Root, "artifacts", "board")).FullName;
        var page = Path.Combine(folder, "board.html");
        File.WriteAllText(page, html);
        Open(folder, page);
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
