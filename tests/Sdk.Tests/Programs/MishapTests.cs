using System.Net;
using System.Net.Sockets;
using ControlPlane.Sdk.Tests.Doubles;

namespace ControlPlane.Sdk.Tests.Programs;

public sealed class MishapTests
{
    private const string Unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    [Fact]
    public async Task A_program_without_resources_registers_its_stack_and_waits_for_the_engine()
    {
        await using var monitor = await MonitorDouble.StartAsync();

        var run = await SampleRun.AgainstAsync(monitor, "nothing");

        Assert.Equal(new SampleRun(0, ""), run);
        Assert.Equal("sample-dev", Assert.Single(monitor.Record.Registered).Name);
        Assert.Single(monitor.Record.Outputs);
        Assert.Single(monitor.Record.ShutDowns);
    }

    [Fact]
    public async Task An_engine_that_knows_no_shutdown_is_no_mishap()
    {
        await using var monitor = await MonitorDouble.StartAsync(new() { KnowsShutDown = false });

        var run = await SampleRun.AgainstAsync(monitor, "nothing");

        Assert.Equal((0, 0), (run.Code, monitor.Record.Errors.Count));
    }

    [Theory]
    [InlineData("missing-config", "Missing Required configuration variable 'sample:region'\n"
        + "\tplease set a value using the command `pulumi config set sample:region <value>`")]
    [InlineData("wrong-type", "Configuration 'sample:count' value 'many' is not a valid Int32")]
    [InlineData("run-exception", "the region file is not there")]
    [InlineData("no-such", "no program is called 'no-such'")]
    public async Task What_the_author_did_wrong_is_said_without_a_stack_trace(string program, string message)
    {
        await using var monitor = await MonitorDouble.StartAsync();

        var run = await SampleRun.AgainstAsync(
            monitor, program, new Dictionary<string, string> { ["sample:count"] = "many" });

        Assert.Equal(new SampleRun(32, ""), run);
        Assert.Equal(message, Assert.Single(monitor.Record.Errors));
        Assert.Empty(monitor.Record.ShutDowns);
    }

    [Theory]
    [InlineData("throws", "System.NotSupportedException: no such cloud")]
    [InlineData("throws-later", "System.NotSupportedException: no such cloud")]
    [InlineData("apply-throws", "System.NotSupportedException: no such name")]
    [InlineData("missing-argument", "System.ArgumentNullException: "
        + "[Input] Pulumi.Aws.Eks.ClusterArgs.RoleArn is required but was not given a value")]
    [InlineData("task-argument", "System.InvalidOperationException: "
        + "Tasks are not allowed inside ResourceArgs. Please wrap your Task in an Output:\n"
        + "\tresource:bad[sample:index:Bad].value")]
    [InlineData("odd-argument", "System.InvalidOperationException: System.Decimal is not a supported argument type.\n"
        + "\tresource:bad[sample:index:Bad].value")]
    public async Task A_fault_of_the_program_is_shown_once_with_its_stack_trace(string program, string message)
    {
        await using var monitor = await MonitorDouble.StartAsync();

        var run = await SampleRun.AgainstAsync(monitor, program);

        Assert.Equal(new SampleRun(32, ""), run);
        var error = Assert.Single(monitor.Record.Errors);
        Assert.StartsWith(
            $"Running program '{SampleRun.Assembly}' failed with an unhandled exception:\n{message}", error,
            StringComparison.Ordinal);
        Assert.Contains("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_that_is_only_logged_lets_the_run_go_on_and_end_with_one()
    {
        await using var monitor = await MonitorDouble.StartAsync();

        var run = await SampleRun.AgainstAsync(monitor, "logs-error");

        Assert.Equal(new SampleRun(1, ""), run);
        Assert.Equal("the power contract has run out", Assert.Single(monitor.Record.Errors));
        Assert.Equal("here", Assert.Single(monitor.Record.Outputs).Outputs.Fields["still"].StringValue);
        Assert.Empty(monitor.Record.ShutDowns);
    }

    [Fact]
    public async Task A_refused_resource_ends_the_run_and_holds_back_what_depends_on_it()
    {
        await using var monitor = await MonitorDouble.StartAsync(new() { Refuses = "second" });

        var run = await SampleRun.AgainstAsync(monitor, "three");

        Assert.Equal(new SampleRun(32, ""), run);
        Assert.Contains("second was refused", Assert.Single(monitor.Record.Errors), StringComparison.Ordinal);
        Assert.Equal(
            ["first", "sample-dev", "second"], monitor.Record.Registered.Select(request => request.Name).Order());
    }

    [Fact]
    public async Task A_failed_resource_leaves_what_the_engine_did_not_say_unknown_and_the_run_goes_on()
    {
        await using var monitor = await MonitorDouble.StartAsync(new() { Fails = "second", IsDryRun = true });

        var run = await SampleRun.AgainstAsync(monitor, "three");

        Assert.Equal(new SampleRun(0, ""), run);
        Assert.Equal(Unknown, monitor.Record["third"].Object.Fields["data"].StructValue.Fields["of"].StringValue);
    }

    [Fact]
    public async Task A_preview_sends_what_is_not_known_yet_as_unknown_with_its_dependencies()
    {
        await using var monitor = await MonitorDouble.StartAsync(new() { IsDryRun = true });

        var run = await SampleRun.AgainstAsync(monitor, "three");

        Assert.Equal(new SampleRun(0, ""), run);
        var third = monitor.Record["third"];
        Assert.Equal(Unknown, third.Object.Fields["data"].StructValue.Fields["of"].StringValue);
        const string First = "urn:pulumi:dev::sample::kubernetes:core/v1:Namespace::first";
        const string Second = "urn:pulumi:dev::sample::kubernetes:core/v1:ConfigMap::second";
        Assert.Equal([Second, First], third.Dependencies);
        Assert.Equal([Second], third.PropertyDependencies["data"].Urns);
        Assert.Equal(Unknown, Assert.Single(monitor.Record.Outputs).Outputs.Fields["third"].StringValue);
    }

    [Fact]
    public async Task A_hundred_resources_are_registered_side_by_side()
    {
        var open = 0;
        var most = 0;
        await using var monitor = await MonitorDouble.StartAsync(new()
        {
            Delay = TimeSpan.FromSeconds(2),
            OnRegister = _ =>
            {
                most = Math.Max(most, Interlocked.Increment(ref open));
                Task.Delay(1900).ContinueWith(_ => Interlocked.Decrement(ref open), TaskScheduler.Default);
            },
        });

        var run = await SampleRun.AgainstAsync(monitor, "hundred");

        Assert.Equal(new SampleRun(0, ""), run);
        Assert.Equal(101, monitor.Record.Registered.Count);
        Assert.Equal(100, Assert.Single(monitor.Record.Outputs).Outputs.Fields["ids"].ListValue.Values.Count);
        Assert.True(most >= 50, $"only {most} at once");
    }

    [Theory]
    [InlineData("own-tail", "cyclic dependency: ring-space (kubernetes:core/v1:Namespace) -> "
        + "ring-space (kubernetes:core/v1:Namespace)")]
    [InlineData("circle", "cyclic dependency: ring-")]
    public async Task Resources_that_wait_for_each_other_are_named_instead_of_waited_for(string program, string message)
    {
        await using var monitor = await MonitorDouble.StartAsync();

        var run = await SampleRun.AgainstAsync(monitor, program);

        Assert.Equal(new SampleRun(32, ""), run);
        Assert.StartsWith(message, Assert.Single(monitor.Record.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_monitor_that_cannot_be_reached_is_shown_by_the_engine()
    {
        await using var engine = await MonitorDouble.StartAsync();

        var run = await SampleRun.AgainstAsync(("127.0.0.1:1", engine.Address), "nothing", isDryRun: false);

        Assert.Equal(new SampleRun(32, ""), run);
        Assert.Contains(
            "rpc failed: 14 Unavailable: 127.0.0.1:1: ", Assert.Single(engine.Record.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_engine_is_gone_too_the_error_goes_to_standard_error()
    {
        var run = await SampleRun.AgainstAsync(("127.0.0.1:1", "127.0.0.1:1"), "nothing", isDryRun: false);

        Assert.Equal(1, run.Code);
        Assert.Contains("rpc failed: 14 Unavailable: 127.0.0.1:1: ", run.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_that_dies_in_the_middle_ends_the_run_at_once()
    {
        await using var engine = await MonitorDouble.StartAsync();
        await using var monitor = await MonitorDouble.StartAsync(new() { Delay = TimeSpan.FromSeconds(1) });
        using var line = new CutLine(monitor.Address);
        // The stack itself is answered; while the next resources wait the line is cut, and nobody listens any more.
        var cutting = Task.Run(async () =>
        {
            while (monitor.Record.Registered.Count < 2)
                await Task.Delay(10);
            line.Cut();
        });

        var run = await SampleRun.AgainstAsync((line.Address, engine.Address), "hundred", isDryRun: false);
        await cutting;

        Assert.Equal(32, run.Code);
        Assert.All(engine.Record.Errors, error =>
            Assert.Contains("rpc failed: 14 Unavailable", error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_an_engine_a_program_says_how_it_is_meant_to_be_run()
    {
        var run = await SampleRun.StartAsync(new Dictionary<string, string?> { ["SAMPLE"] = "nothing" });

        Assert.NotEqual(0, run.Code);
        Assert.Contains(
            "Program run without the Pulumi engine available; re-run using the `pulumi` CLI", run.StandardError,
            StringComparison.Ordinal);
    }

    /// <summary>Carries bytes between a program and a server until it is cut.</summary>
    private sealed class CutLine : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly List<Socket> sockets = [];

        public CutLine(string target)
        {
            listener.Start();
            _ = AcceptAsync(IPEndPoint.Parse(target));
        }

        public string Address => listener.LocalEndpoint.ToString()!;

        public void Cut()
        {
            listener.Stop();
            lock (sockets)
                sockets.ForEach(socket => socket.Close(timeout: 0));
        }

        public void Dispose() => Cut();

        private static async Task CopyAsync(Socket from, Socket to)
        {
            try
            {
                var buffer = new byte[65536];
                while (await from.ReceiveAsync(buffer) is > 0 and var count)
                    await to.SendAsync(buffer.AsMemory(0, count));
                to.Shutdown(SocketShutdown.Send);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // The line was cut.
            }
        }

        private async Task AcceptAsync(IPEndPoint target)
        {
            try
            {
                while (true)
                {
                    var client = await listener.AcceptSocketAsync();
                    var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    lock (sockets)
                        sockets.AddRange([client, server]);
                    await server.ConnectAsync(target);
                    _ = CopyAsync(client, server);
                    _ = CopyAsync(server, client);
                }
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // The line was cut.
            }
        }
    }
}
