using System.Text.RegularExpressions;

namespace ControlPlane.Cli.Tests.Identity;

/// <summary>The checklist for hardening and the program that goes through it.</summary>
public sealed partial class DoctorTests
{
    private static readonly string list = File.ReadAllText(
        Path.Combine(Checkout.Root, "docs/operations/hardening.md"));

    [Fact]
    public async Task Every_line_of_the_checklist_is_checked_and_everything_that_is_checked_is_a_line()
    {
        var ended = await new Cplane().RunAsync("doctor");

        var checks = ended.Output.Split('\n').Select(line => Check().Match(line)).Where(match => match.Success)
            .Select(match => int.Parse(match.Groups[1].Value, null)).Distinct().Order();
        Assert.Equal(Line().Matches(list).Select(match => int.Parse(match.Groups[1].Value, null)), checks);
        Assert.Equal(1, ended.ExitCode);
    }

    [Fact]
    public async Task What_is_as_it_should_be_is_ok_and_what_is_not_is_named()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "head-000000000007.json"), "{}");
        using var server = new StubServer()
            .With("GET /v1/regions", 401, "{}")
            .With("GET /livez", 200, "{}", ("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", "x"))
            .With("GET /v1/audit/retention", 200, """
                {"days":400,"leastDays":183,"held":0,"whole":9,"retired":0}
                """)
            .With("GET /v1/agents", 200, """
                {"agents":[],"stopped":{"at":"2026-11-22T00:00:00Z","by":"ann","because":"a rehearsal"}}
                """);

        var ended = await new Cplane { Url = server.Url }.RunAsync(
            "doctor", "--heads", folder.Path, "--backups", folder.Path);

        var bad = ended.Output.Split('\n').Where(line => line.StartsWith("BAD", StringComparison.Ordinal));
        Assert.Equal(["BAD  10 agents: all are stopped since 2026-11-22T00:00:00Z: a rehearsal"], bad);
        Assert.Contains("ok   9 retention: records are kept whole for 400 days, 183 at least", ended.Output,
            StringComparison.Ordinal);
    }

    [GeneratedRegex("^(?:ok |BAD)  ([0-9]+) [a-z]+: ")]
    private static partial Regex Check();

    [GeneratedRegex("^\\| ([0-9]+) \\|", RegexOptions.Multiline)]
    private static partial Regex Line();
}
