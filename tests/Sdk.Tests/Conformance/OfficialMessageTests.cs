using System.Text.Json;
using ControlPlane.Sdk.Tests.Doubles;

namespace ControlPlane.Sdk.Tests.Conformance;

public sealed class OfficialMessageTests
{
    private const string Unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    [OfficialFact]
    public async Task The_official_messages_carry_a_hundred_resources_side_by_side()
    {
        await using var monitor = await OfficialMonitor.StartAsync("--slow", "500");

        var run = await RunAsync(monitor, "hundred");

        Assert.Equal(new SampleRun(0, ""), run);
        Assert.Equal(101, monitor.Read("RegisterResource").Count);
        Assert.Equal(100, Output(monitor, "ids").GetArrayLength());
        Assert.Single(monitor.Read("SignalAndWaitForShutdown"));
    }

    [OfficialFact]
    public async Task A_preview_has_no_ids_and_says_unknown()
    {
        await using var monitor = await OfficialMonitor.StartAsync("--dry-run");

        var run = await RunAsync(monitor, "three", isDryRun: true);

        Assert.Equal(new SampleRun(0, ""), run);
        Assert.Equal(Unknown, Input(monitor, "third").GetProperty("data").GetProperty("of").GetString());
        Assert.Equal(Unknown, Output(monitor, "first").GetString());
    }

    [OfficialFact]
    public async Task An_update_has_them()
    {
        await using var monitor = await OfficialMonitor.StartAsync();

        var run = await RunAsync(monitor, "three");

        Assert.Equal(new SampleRun(0, ""), run);
        Assert.Equal("second-id", Input(monitor, "third").GetProperty("data").GetProperty("of").GetString());
        Assert.Equal("first-id", Output(monitor, "first").GetString());
    }

    [OfficialFact]
    public async Task A_refusal_is_shown_once_and_ends_with_thirty_two()
    {
        await using var monitor = await OfficialMonitor.StartAsync("--refuse", "second");

        var run = await RunAsync(monitor, "three");

        Assert.Equal(32, run.Code);
        Assert.Contains(
            "second was refused", Assert.Single(monitor.Read("Log")).GetProperty("message").GetString(),
            StringComparison.Ordinal);
    }

    [OfficialFact]
    public async Task What_failed_or_was_skipped_is_unknown_to_what_comes_after()
    {
        foreach (var flag in new[] { "--fail", "--skip" })
        {
            await using var monitor = await OfficialMonitor.StartAsync("--dry-run", flag, "second");

            var run = await RunAsync(monitor, "three", isDryRun: true);

            Assert.Equal(new SampleRun(0, ""), run);
            Assert.Equal(Unknown, Input(monitor, "third").GetProperty("data").GetProperty("of").GetString());
        }
    }

    [OfficialFact]
    public async Task A_monitor_that_dies_in_the_middle_ends_the_run()
    {
        await using var monitor = await OfficialMonitor.StartAsync("--die-after", "30", "--slow", "500");

        var run = await RunAsync(monitor, "hundred");

        Assert.Equal(1, run.Code);
        Assert.Contains("rpc failed: 14 Unavailable", run.StandardError, StringComparison.Ordinal);
    }

    [OfficialFact]
    public async Task Functions_are_asked_with_provider_and_version_and_never_with_unknowns()
    {
        var outputs = Path.GetTempFileName();
        await File.WriteAllTextAsync(outputs, """
            {"aws:index/getAvailabilityZones:getAvailabilityZones": {"names": ["eu-central-1a"], "id": "x"}}
            """);
        await using var monitor = await OfficialMonitor.StartAsync("--dry-run", "--outputs", outputs);

        var run = await RunAsync(monitor, "functions", isDryRun: true);

        Assert.Equal(new SampleRun(0, ""), run);
        var calls = monitor.Read("Invoke");
        Assert.Equal(2, calls.Count);
        Assert.All(calls, call => Assert.Equal("7.48.0", call.GetProperty("version").GetString()));
        Assert.All(calls, call => Assert.Equal(
            $"urn:pulumi:dev::sample::pulumi:providers:aws::aws::{Unknown}", call.GetProperty("provider").GetString()));
        Assert.Equal("eu-central-1a", Output(monitor, "zones")[0].GetString());
        Assert.Equal("1b47061264138c4ac30d75fd1eb44270", Output(monitor, "guarded")
            .GetProperty("4dabf18193072939515e22adb298388d").GetString());
        Assert.Equal(Unknown, Output(monitor, "later").GetString());
        File.Delete(outputs);
    }

    [OfficialFact]
    public async Task Another_stack_is_read_and_only_its_secrets_are_secret()
    {
        var outputs = Path.GetTempFileName();
        await File.WriteAllTextAsync(outputs, """
            {"pulumi:pulumi:StackReference": {"secretOutputNames": ["hidden"], "outputs": {
              "open": "a", "hidden": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "b"}}}}
            """);
        await using var monitor = await OfficialMonitor.StartAsync("--outputs", outputs);

        var run = await RunAsync(monitor, "reference");

        Assert.Equal(new SampleRun(0, ""), run);
        var read = Assert.Single(monitor.Read("ReadResource"));
        Assert.Equal(
            ("org/network/dev", "org/network/dev"),
            (read.GetProperty("id").GetString(), read.GetProperty("inputs").GetProperty("name").GetString()));
        Assert.Equal("a", Output(monitor, "open").GetString());
        Assert.Equal("b", Output(monitor, "hidden").GetProperty("value").GetString());
        File.Delete(outputs);
    }

    [OfficialFact]
    public async Task A_stack_with_properties_ends_with_them_as_outputs()
    {
        await using var monitor = await OfficialMonitor.StartAsync();

        var run = await RunAsync(monitor, "stack");

        Assert.Equal(new SampleRun(0, ""), run);
        Assert.Equal(
            "urn:pulumi:dev::sample::kubernetes:core/v1:Namespace::space", Output(monitor, "Name").GetString());
        Assert.Equal("swordfish", Output(monitor, "token").GetProperty("value").GetString());
    }

    private static Task<SampleRun> RunAsync(OfficialMonitor monitor, string program, bool isDryRun = false) =>
        SampleRun.AgainstAsync((monitor.Address, monitor.Address), program, isDryRun);

    private static JsonElement Input(OfficialMonitor monitor, string name) => monitor.Read("RegisterResource")
        .Single(entry => entry.GetProperty("name").GetString() == name).GetProperty("inputs");

    private static JsonElement Output(OfficialMonitor monitor, string name) =>
        Assert.Single(monitor.Read("RegisterResourceOutputs")).GetProperty("outputs").GetProperty(name);
}
