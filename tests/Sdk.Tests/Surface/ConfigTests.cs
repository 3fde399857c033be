using System.Text.Json;
using Pulumi;
using Pulumi.Testing;

namespace ControlPlane.Sdk.Tests.Surface;

public sealed class ConfigTests
{
    [Fact]
    public void Old_keys_are_read_as_new_ones() => Assert.Equal(
        "a:key=1 b:key=2 c:d:e=3",
        string.Join(' ', DeploymentSettings.ParseConfig("""{"a:config:key":"1","b:key":"2","c:config:d:e":"3"}""")
            .OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}")));

    [Fact]
    public async Task Every_kind_of_value_is_read_or_refused_with_its_name()
    {
        var settings = new DeploymentSettings
        {
            Organization = "o", Project = "p", Stack = "s", IsDryRun = true,
            Config = DeploymentSettings.ParseConfig(
                """{"p:text":"x","p:yes":"true","p:n":"-3","p:d":"1.5","p:o":"{\"A\":1}","p:bad":"{"}"""),
        };
        var seen = new List<object?>();

        var code = await Deployment.RunAsync(
            () => new Stack(() =>
            {
                var config = new Config();
                seen.AddRange([
                    config.Get("text"), config.GetBoolean("yes"), config.GetInt32("n"), config.GetDouble("d"),
                    config.GetObject<Dictionary<string, int>>("o")!["A"], config.Get("none"), config.GetInt32("none"),
                    config.GetSecret("none"), new Config("p:config").Require("text")]);
                seen.Add(Message(() => config.RequireBoolean("text")));
                seen.Add(Message(() => config.RequireDouble("text")));
                seen.Add(Message(() => config.RequireObject<JsonElement>("bad")));
                seen.Add(Message(() => config.RequireSecret("none")));
                return Task.FromResult<IDictionary<string, object?>>(new Dictionary<string, object?>());
            }, options: null),
            () => new Deployment(settings, new MockMonitor(new NoMocks()), new MockEngine()));

        Assert.Equal(0, code);
        Assert.Equal(
            [
                "x", true, -3, 1.5, 1, null, null, null, "x",
                "Configuration 'p:text' value 'x' is not a valid Boolean",
                "Configuration 'p:text' value 'x' is not a valid Double",
                "Configuration 'p:bad' value '{' is not a valid System.Text.Json.JsonElement",
                "Missing Required configuration variable 'p:none'\n"
                    + "\tplease set a value using the command `pulumi config set p:none <value>`",
            ],
            seen);
    }

    [Fact]
    public async Task A_program_that_stops_moving_is_given_up_with_what_it_waits_for()
    {
        var settings = new DeploymentSettings { Organization = "o", Project = "p", Stack = "s", IsDryRun = false };
        var engine = new MockEngine();
        var deployment = new Deployment(settings, new MockMonitor(new NoMocks()), engine);

        var code = await Deployment.RunAsync(
            () => new Stack(() =>
            {
                _ = new CustomResource("a:b:C", "stuck", new DictionaryResourceArgs(
                    System.Collections.Immutable.ImmutableDictionary<string, object?>.Empty.Add(
                        "x", Output.Create(new TaskCompletionSource<string>().Task))));
                return Task.FromResult<IDictionary<string, object?>>(new Dictionary<string, object?>());
            }, options: null),
            () => deployment,
            running => new Runner(running) { Patience = TimeSpan.FromMilliseconds(300), Reminders = 2 });
        Environment.ExitCode = 0;

        Assert.Equal(32, code);
        Assert.Equal(
            "nothing has happened for 00:00:00.6000000; given up waiting for: stuck (a:b:C)",
            Assert.Single(engine.Errors));
    }

    private static string Message(Action read)
    {
        var error = Assert.Throws<RunException>(read);
        return error.Message;
    }

    private sealed class NoMocks : IMocks
    {
        public Task<(string? id, object state)> NewResourceAsync(MockResourceArgs args) =>
            Task.FromResult<(string?, object)>(($"{args.Name}-id", args.Inputs));

        public Task<object> CallAsync(MockCallArgs args) => Task.FromResult<object>(args.Args);
    }
}
