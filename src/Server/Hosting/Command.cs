using System.Diagnostics;

namespace ControlPlane.Server.Hosting;

/// <summary>Runs another program to its end and keeps what it said.</summary>
internal sealed record Command(string Program, params IReadOnlyList<string> Arguments)
{
    // Longer output is cut: it is only ever shown to a person.
    private const int KeptCharacters = 4000;

    public string? WorkingDirectory { get; init; }

    /// <summary>Null when the program ended with 0, else its exit code and what it said.</summary>
    public async Task<CommandResult> RunAsync(TimeSpan limit, CancellationToken cancellation)
    {
        using var process = Start(redirectInput: false);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return new CommandResult(process.ExitCode, Cut(await output), Cut(await error));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return new CommandResult(-1, "", $"{Program} did not end within {limit.TotalSeconds:0} s");
        }
    }

    /// <summary>
    /// Starts the program and leaves it running; its input is a pipe that ends when this process does.
    /// </summary>
    public Process StartTied() => Start(redirectInput: true);

    private Process Start(bool redirectInput)
    {
        var start = new ProcessStartInfo(Program, Arguments)
        {
            RedirectStandardInput = redirectInput,
            RedirectStandardOutput = !redirectInput,
            RedirectStandardError = !redirectInput,
            WorkingDirectory = WorkingDirectory ?? "/",
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{Program} did not start");
    }

    private static string Cut(string text) =>
        text.Length <= KeptCharacters ? text : string.Concat("... ", text.AsSpan(text.Length - KeptCharacters));
}

/// <summary>Says how a program ended and what it said.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>Everything it said, for a message to a person.</summary>
    public string Said => string.Join(' ', new[] { Error.Trim(), Output.Trim() }.Where(part => part.Length > 0));
}
