using System.Text.Json;

namespace ControlPlane.Cli.Tests.Policies;

public sealed class JudgeCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Says_place_by_place_what_the_policies_say_and_why()
    {
        var ended = await JudgeAsync("""
            schemaVersion: 1
            questions:
              - { workload: { dataClass: health }, at: [us-one, de-one-a-h100], asOf: 2026-11-21 }
            """);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.Contains("  yes  de-one-a-h100\n", ended.Output, StringComparison.Ordinal);
        Assert.Contains(
            "  no   us-one-a-h100\n         denied by health/stays-in-the-eu: the site stands in US, outside EU\n",
            ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ends_with_one_when_a_workload_has_no_place_and_with_three_for_a_place_that_is_not_there()
    {
        var nowhere = await JudgeAsync(
            """{"schemaVersion":1,"questions":[{"workload":{"dataClass":"health"},"at":["us-one"]}]}""", "-o", "json");
        var unknown = await JudgeAsync(
            """{"schemaVersion":1,"questions":[{"workload":{"dataClass":"health"},"at":["us-onee"]}]}""");

        Assert.Equal(1, nowhere.ExitCode);
        var places = JsonDocument.Parse(nowhere.Output).RootElement.GetProperty("questions")[0].GetProperty("places");
        Assert.All(places.EnumerateArray(), place => Assert.False(place.GetProperty("lawful").GetBoolean()));
        Assert.Equal(3, unknown.ExitCode);
        Assert.EndsWith("[not-found]\n", unknown.Error, StringComparison.Ordinal);
    }

    private Task<Ended> JudgeAsync(string questions, params string[] more)
    {
        PolicyTree.Write(folder);
        folder.Write("questions.yaml", questions);
        return new Cplane { Directory = folder.Path }
            .RunAsync(["policy", "judge", "questions.yaml", "--from", "tree", .. more]);
    }
}
