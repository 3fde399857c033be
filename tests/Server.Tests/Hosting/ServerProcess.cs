using System.Diagnostics;
using System.Text;

namespace ControlPlane.Server.Tests.Hosting;

/// <summary>The built server as a process of its own, on a free port.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly StringBuilder errors = new();
    private bool disposed;

    private ServerProcess(Process process)
    {
        this.process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (errors) errors.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public bool HasEnded => process.HasExited;

    /// <summary>Reaches the server; made new for each start, because the port changes.</summary>
    public HttpClient Http { get; private set; } = new();

    /// <summary>Token that it wrote for whoever tries things out; null without a data directory of its own.</summary>
    public string? TokenFile { get; private init; }

    /// <summary>First line that it printed.</summary>
    public string ReadyLine { get; private set; } = "";

    /// <summary>What it wrote to standard error so far.</summary>
    public string Errors
    {
        get
        {
            lock (errors) return errors.ToString().Trim();
        }
    }

    /// <summary>Starts one and returns when it is ready.</summary>
    public static Task<ServerProcess> StartAsync(params IReadOnlyList<string> arguments) =>
        StartAsync(new Dictionary<string, string>(), arguments);

    /// <summary>Starts one with variables of its own and returns when it is ready.</summary>
    public static async Task<ServerProcess> StartAsync(
        IReadOnlyDictionary<string, string> environment, params IReadOnlyList<string> arguments)
    {
        var server = Launch(arguments, environment);
        try
        {
            await server.UntilReadyAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one without waiting for anything.</summary>
    public static ServerProcess Launch(params IReadOnlyList<string> arguments) =>
        Launch(arguments, new Dictionary<string, string>());

    private static ServerProcess Launch(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        // A shell's background jobs ignore Ctrl-C, and so would the server if the tests run in one.
        var program = Path.Combine(AppContext.BaseDirectory, "ControlPlane.Server.dll");
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Where the shipped regions and policies are, unless the test names others.
            WorkingDirectory = Core.Tests.Checkout.Root,
        };
        if (!arguments.Contains("--port"))
        {
            start.ArgumentList.Add("--port");
            start.ArgumentList.Add("0");
        }
        start.Environment.Remove("CPLANE_DATABASE");
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var data = arguments.SkipWhile(argument => argument != "--data").Skip(1).FirstOrDefault();
        return new ServerProcess(Process.Start(start)!) // null only for a shell's start
        {
            TokenFile = data is null ? null : Path.Combine(data, "identity", "tokens", "developer.token"),
        };
    }

    /// <summary>Starts one that is expected to end by itself.</summary>
    public static async Task<(int ExitCode, string Errors)> RunAsync(params IReadOnlyList<string> arguments)
    {
        await using var server = Launch(arguments);
        return (await server.EndAsync(), server.Errors);
    }

    /// <summary>As a person would with Ctrl-C or a supervisor with SIGTERM; returns the exit code.</summary>
    public Task<int> StopAsync()
    {
        Signal.Terminate(Id);
        return EndAsync();
    }

    public async Task<int> KillAsync()
    {
        Signal.Kill(Id);
        return await EndAsync();
    }

    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(EndLimit);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        // Whoever started it and whoever replaced it may both be done with it.
        if (disposed) return;
        disposed = true;
        if (!process.HasExited) await StopAsync();
        Http.Dispose();
        process.Dispose();
    }

    private async Task UntilReadyAsync()
    {
        using var limit = new CancellationTokenSource(ReadyLimit);
        ReadyLine = await FirstLineAsync(limit.Token)
            ?? throw new InvalidOperationException($"the server ended with {await EndAsync()}: {Errors}");
        var url = ReadyLine.Split(' ').Single(word => word.StartsWith("http://", StringComparison.Ordinal));
        Http.Dispose();
        Http = new HttpClient { BaseAddress = new Uri(url) };
        if (TokenFile is not { } file || !File.Exists(file)) return;
        var token = await File.ReadAllTextAsync(file, limit.Token);
        Http.DefaultRequestHeaders.Authorization = new("Bearer", token.Trim());
    }

    private async Task<string?> FirstLineAsync(CancellationToken cancellation)
    {
        try
        {
            return await process.StandardOutput.ReadLineAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"the server was not ready within {ReadyLimit}: {Errors}");
        }
    }
}
