using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Tests.Hosting;

public sealed class ServerProcessTests : IDisposable
{
    private readonly TestDirectory directory = new();
    private readonly TestDirectory declared = new();
    private readonly IReadOnlyList<string> arguments;

    public ServerProcessTests() => arguments = ["--data", directory.Path, .. DeclaredTree.WriteTo(declared.Path)];

    public void Dispose()
    {
        directory.Dispose();
        declared.Dispose();
    }

    private Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(arguments);

    /// <summary>Process of the private PostgreSQL; null when none is recorded.</summary>
    private int? Postgres
    {
        get
        {
            var file = Path.Combine(directory.Path, "postgres", "data", "postmaster.pid");
            return File.Exists(file) ? int.Parse(File.ReadLines(file).First(), CultureInfo.InvariantCulture) : null;
        }
    }

    /// <summary>Whether a process lives; one that ended and was not collected does not.</summary>
    private static bool Lives(int process) =>
        File.Exists($"/proc/{process}/stat")
        && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"not within 30 s: {what}");
            await Task.Delay(20);
        }
    }

    private static Task<HttpResponseMessage> AskReadyAsync(ServerProcess server) =>
        server.Http.GetAsync(new Uri("/readyz", UriKind.Relative));

    private static async Task<HttpStatusCode> ReadyAsync(ServerProcess server)
    {
        using var answer = await AskReadyAsync(server);
        return answer.StatusCode;
    }

    [Fact]
    public async Task Starts_answers_and_stops_together_with_its_PostgreSQL()
    {
        await using var server = await StartAsync();
        var postgres = Postgres ?? 0;
        var live = await server.Http.GetStringAsync(new Uri("/livez", UriKind.Relative));
        var ready = await server.Http.GetStringAsync(new Uri("/readyz", UriKind.Relative));

        var exitCode = await server.StopAsync();

        Assert.Equal(("ok\n", "ok\n", ExitCode.Stopped), (live, ready, exitCode));
        Assert.Contains($"(data in {directory.Path};", server.ReadyLine, StringComparison.Ordinal);
        Assert.False(Lives(postgres));
        Assert.Null(Postgres);
    }

    [Fact]
    public async Task Asked_for_help_it_starts_nothing()
    {
        Assert.Equal((ExitCode.Stopped, ""), await ServerProcess.RunAsync("--help"));
        Assert.Null(Postgres);
    }

    [Fact]
    public async Task Ctrl_C_stops_it_like_SIGTERM()
    {
        await using var server = await StartAsync();

        Signal.Interrupt(server.Id);

        Assert.Equal(ExitCode.Stopped, await server.EndAsync());
        Assert.Null(Postgres);
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_is_refused_and_the_first_is_not_disturbed()
    {
        await using var first = await StartAsync();

        var second = await ServerProcess.RunAsync(arguments);

        Assert.Equal(
            (ExitCode.Conflict,
                $"control-plane: another server (process {first.Id}) is using the data in {directory.Path}; "
                + "stop it or choose another --data"),
            second);
        Assert.Equal(HttpStatusCode.OK, await ReadyAsync(first));
    }

    [Fact]
    public async Task After_a_kill_its_PostgreSQL_stops_too_and_the_next_start_continues()
    {
        await using var first = await StartAsync();
        var postgres = Postgres ?? 0;

        await first.KillAsync();
        await UntilAsync(() => Task.FromResult(!Lives(postgres)), "PostgreSQL stopped after its server was killed");
        await using var second = await StartAsync();

        Assert.Equal(HttpStatusCode.OK, await ReadyAsync(second));
    }

    [Fact]
    public async Task A_start_right_after_a_kill_continues()
    {
        for (var round = 0; round < 3; round++)
        {
            await using var server = await StartAsync();
            Assert.Equal(HttpStatusCode.OK, await ReadyAsync(server));
            await server.KillAsync();
        }

        await using var last = await StartAsync();

        Assert.Equal(HttpStatusCode.OK, await ReadyAsync(last));
    }

    [Fact]
    public async Task A_start_after_server_and_PostgreSQL_were_killed_together_continues()
    {
        await using var first = await StartAsync();
        Signal.Kill(Postgres ?? 0);
        await first.KillAsync();

        await using var second = await StartAsync();

        Assert.Equal(HttpStatusCode.OK, await ReadyAsync(second));
    }

    [Fact]
    public async Task While_its_PostgreSQL_is_dead_it_says_503_and_then_recovers()
    {
        await using var server = await StartAsync();
        var killed = Postgres ?? 0;

        Signal.Kill(killed);
        await UntilAsync(() => Task.FromResult(!Lives(killed)), "PostgreSQL is gone");
        // A backend outlives its postmaster for the moment it takes to notice, and may answer in it.
        HttpResponseMessage? answer = null;
        await UntilAsync(
            async () => (answer = await AskReadyAsync(server)).StatusCode == HttpStatusCode.ServiceUnavailable,
            "not ready");
        var live = await server.Http.GetStringAsync(new Uri("/livez", UriKind.Relative));
        await UntilAsync(async () => await ReadyAsync(server) == HttpStatusCode.OK, "ready again");

        Assert.Equal("application/problem+json", answer?.Content.Headers.ContentType?.MediaType);
        Assert.Equal("1", answer?.Headers.RetryAfter?.ToString());
        Assert.Equal("ok\n", live);
        Assert.NotEqual(killed, Postgres);
    }

    [Fact]
    public async Task Stopping_a_start_half_way_leaves_nothing_running()
    {
        await using var server = ServerProcess.Launch(arguments);
        await UntilAsync(() => Task.FromResult(Postgres is not null), "PostgreSQL is starting");
        var postgres = Postgres ?? 0;

        var exitCode = await server.StopAsync();

        Assert.Equal(ExitCode.Stopped, exitCode);
        Assert.False(Lives(postgres));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_refused_with_a_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (exitCode, errors) = await ServerProcess.RunAsync(
            [.. arguments, "--port", $"{port}", "--log-level", "error"]);

        Assert.Equal(ExitCode.Conflict, exitCode);
        Assert.StartsWith($"control-plane: port {port} cannot be listened on", errors, StringComparison.Ordinal);
        Assert.Null(Postgres);
    }

    [Fact]
    public async Task Wrong_usage_is_exit_code_2_and_starts_nothing()
    {
        var refused = await ServerProcess.RunAsync("--data", directory.Path, "--port", "many");

        Assert.Equal((ExitCode.Usage, "control-plane: --port must be 0 to 65535, is 'many'"), refused);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_refused_with_a_sentence()
    {
        var (exitCode, errors) = await ServerProcess.RunAsync(
            "--data", directory.Path, "--database", $"Host={directory.Path};Username=nobody;Database=none");

        Assert.Equal(ExitCode.Unreachable, exitCode);
        Assert.StartsWith("control-plane: the database cannot be reached:", errors, StringComparison.Ordinal);
    }
}
