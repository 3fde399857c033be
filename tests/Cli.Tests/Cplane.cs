using System.Diagnostics;

namespace ControlPlane.Cli.Tests;

/// <summary>Runs the built program as users do: a process of its own, with pipes for its streams.</summary>
internal sealed record Cplane
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>Server to ask; nothing listens there unless a test says so.</summary>
    public string Url { get; init; } = "http://127.0.0.1:9";

    public string Directory { get; init; } = AppContext.BaseDirectory;

    public string Input { get; init; } = "";

    /// <summary>Variables on top of an environment that says nothing about the program.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public static string Library { get; } = Path.Combine(AppContext.BaseDirectory, "cplane.dll");

    public Task<Ended> RunAsync(params string[] arguments) => RunProgramAsync("dotnet", [Library, .. arguments]);

    /// <summary>Runs a line in a shell where <c>cplane</c> is the program.</summary>
    public Task<Ended> ShellAsync(string line) =>
        RunProgramAsync("bash", ["-c", $"cplane() {{ dotnet '{Library}' \"$@\"; }}\n{line}"]);

    private async Task<Ended> RunProgramAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Directory,
        };
        foreach (var name in new[] { "NO_COLOR", "CPLANE_TOKEN", "CPLANE_TOKEN_FILE", "TERM" })
            start.Environment.Remove(name);
        start.Environment["CPLANE_URL"] = Url;
        // The token of a server that this user happens to run is none of the tests' business.
        start.Environment["CPLANE_DATA"] = Path.Combine(AppContext.BaseDirectory, "no-server");
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteAsync(Input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading its input, as it may.
        }

        using var timeout = new CancellationTokenSource(Longest);
        await process.WaitForExitAsync(timeout.Token);
        return new Ended(process.ExitCode, await output, await error);
    }
}

/// <summary>How a run ended: exit code and what it wrote.</summary>
internal sealed record Ended(int ExitCode, string Output, string Error);
