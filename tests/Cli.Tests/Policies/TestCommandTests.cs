using System.Text.Json;
using System.Xml.Linq;

namespace ControlPlane.Cli.Tests.Policies;

public sealed class TestCommandTests
{
    [Fact]
    public async Task Says_which_cases_are_as_expected_and_what_they_cover()
    {
        using var folder = new TemporaryFolder();
        PolicyTree.Write(folder);

        var ended = await RunAsync(folder, "policy", "test", "tree");

        Assert.Equal(new Ended(0, """
            policies/eu/health.test.yaml
              ok    in-germany
              ok    in-america
              ok    other-data
              ok    on-the-first-day
              ok    before-the-first-day
            Rules 1  covered 1 (100.0 %)     5 passed, 0 failed

            """, ""), ended);
    }

    [Fact]
    public async Task Shows_what_was_expected_and_what_was_said_instead_and_ends_with_one()
    {
        using var folder = new TemporaryFolder();
        PolicyTree.Write(folder, cases: PolicyTree.Cases
            .Replace("at: [de-one]", "at: [us-one]", StringComparison.Ordinal));

        var ended = await RunAsync(folder, "policy", "test", "tree", "--fail-only");

        Assert.Equal(new Ended(1, """
            policies/eu/health.test.yaml
              FAIL  in-germany  (policies/eu/health.test.yaml:5)
                    expected allowed, got denied (stays-in-the-eu: the site stands in US, outside EU)
            Rules 1  covered 1 (100.0 %)     4 passed, 1 failed

            """, ""), ended);
    }

    [Fact]
    public async Task A_policy_without_a_case_fails_only_where_cases_are_required()
    {
        using var folder = new TemporaryFolder();
        PolicyTree.Write(folder, cases: null);

        var lenient = await RunAsync(folder, "policy", "test", "tree");
        var strict = await RunAsync(folder, "policy", "test", "tree", "--require-tests");

        Assert.Equal((0, 1), (lenient.ExitCode, strict.ExitCode));
        Assert.StartsWith("FAIL  Without a case: health\n", strict.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_the_changes_that_no_case_notices()
    {
        using var folder = new TemporaryFolder();
        var weak = PolicyTree.Cases[..PolicyTree.Cases.IndexOf("  - case: on-the-first-day", StringComparison.Ordinal)];
        PolicyTree.Write(folder, cases: weak);

        var ended = await RunAsync(folder, "policy", "test", "tree", "--mutate", "--fail-only");

        Assert.Equal(new Ended(1, """
              SURVIVED  policies/eu/health.yaml:6  validFrom -1 day
              SURVIVED  policies/eu/health.yaml:6  validFrom +1 day
            Mutants 6  killed 4  accepted 0  survived 2
            Rules 1  covered 1 (100.0 %)     3 passed, 0 failed

            """, ""), ended);
    }

    [Fact]
    public async Task An_accepted_survivor_passes_with_its_reason_and_a_stale_one_fails()
    {
        using var folder = new TemporaryFolder();
        var weak = PolicyTree.Cases[..PolicyTree.Cases.IndexOf("  - case: on-the-first-day", StringComparison.Ordinal)];
        var accepted = weak + "acceptedSurvivors:\n"
            + "  - { mutant: validFrom -1 day, reason: the day is history }\n"
            + "  - { mutant: validFrom +1 day, reason: the day is history }\n";
        PolicyTree.Write(folder, cases: accepted);
        var good = await RunAsync(folder, "policy", "test", "tree", "--mutate", "--fail-only");
        PolicyTree.Write(folder, cases: accepted + "  - { mutant: match everything, reason: nobody asks }\n");

        var stale = await RunAsync(folder, "policy", "test", "tree", "--mutate", "--fail-only");

        Assert.Equal((0, 1), (good.ExitCode, stale.ExitCode));
        Assert.Contains("  STALE     policies/eu/health.test.yaml:22  match everything is accepted and is no survivor",
            stale.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_only_the_cases_with_the_name_asked_for()
    {
        using var folder = new TemporaryFolder();
        PolicyTree.Write(folder);

        var ended = await RunAsync(folder, "policy", "test", "tree", "--run", "in-*a", "-o", "name");
        var none = await RunAsync(folder, "policy", "test", "tree", "--run", "nothing");

        Assert.Equal(new Ended(0, "health/in-germany\nhealth/in-america\n", ""), ended);
        Assert.Equal(3, none.ExitCode);
    }

    [Fact]
    public async Task Every_form_of_report_can_be_read()
    {
        using var folder = new TemporaryFolder();
        PolicyTree.Write(folder, cases: PolicyTree.Cases
            .Replace("at: [de-one]", "at: [us-one]", StringComparison.Ordinal));
        Task<Ended> As(string form) => RunAsync(folder, "policy", "test", "tree", "-o", form);

        var json = JsonDocument.Parse((await As("json")).Output).RootElement;
        var junit = XDocument.Parse((await As("junit")).Output).Root!;
        var sarif = JsonDocument.Parse((await As("sarif")).Output).RootElement.GetProperty("runs")[0]
            .GetProperty("results");
        var markdown = (await As("markdown")).Output;

        Assert.Equal((4, 1), (json.GetProperty("passed").GetInt32(), json.GetProperty("failed").GetInt32()));
        Assert.Equal(("5", "1"), (junit.Attribute("tests")!.Value, junit.Attribute("failures")!.Value));
        Assert.Equal("expected allowed, got denied (stays-in-the-eu: the site stands in US, outside EU)",
            junit.Descendants("failure").Single().Attribute("message")!.Value);
        var place = sarif[0].GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.Equal(("policies/eu/health.test.yaml", 5), (
            place.GetProperty("artifactLocation").GetProperty("uri").GetString(), place.GetProperty("region")
                .GetProperty("startLine").GetInt32()));
        Assert.StartsWith("<!-- cplane policy test -->\n### Policy cases: **not as expected**\n", markdown,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_file_of_cases_is_told_at_once()
    {
        using var folder = new TemporaryFolder();
        PolicyTree.Write(folder, cases: """
            schemaVersion: 1
            policy: helth
            asOf: 2026-11-21
            places:
              - { place: de-one, country: "XX", operator: nobody }
            cases:
              - case: a
                at: [de-onee]
                workload: { dataClass: health }
                expect: denied
              - case: a
                at: [de-one]
                workload: { dataClass: health }
                move: { from: nowhere, kind: planned }
                expect: allowed
                reason: law.residency

            """);

        var ended = await RunAsync(folder, "policy", "test", "tree");

        Assert.Equal(3, ended.ExitCode);
        Assert.Equal(
            ["policy-unknown", "duplicate-id", "country-unknown", "entity-unknown", "field-required", "place-unknown",
                "duplicate-id", "place-unknown", "rule-conflict"],
            ended.Error.TrimEnd().Split('\n').Select(line => line[(line.LastIndexOf('[') + 1)..^1]));
    }

    private static Task<Ended> RunAsync(TemporaryFolder folder, params string[] arguments) =>
        new Cplane { Directory = folder.Path }.RunAsync(arguments);
}
