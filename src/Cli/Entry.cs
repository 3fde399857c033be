using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli;

/// <summary>Runs a command line and turns however it ends into an exit code and a sentence.</summary>
internal static class Entry
{
    // What the operating system calls a pipe whose reader has gone away: EPIPE, and ERROR_NO_DATA on Windows.
    private const int BrokenPipe = 32;
    private const int BrokenPipeWindows = unchecked((int)0x800700E8);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var debug = arguments.Contains("--debug");
        try
        {
            if (SecretGuard.Find(arguments) is { } secret) throw secret;
            // Response files are off: an argument such as @home is a name and not a file to be read.
            var parsing = new ParserConfiguration { ResponseFileTokenReplacer = null };
            var parsed = CommandTree.Build().Parse(arguments, parsing);
            if (parsed.Action is ParseErrorAction || (parsed.Action is null && parsed.Errors.Count > 0))
                return Misused(parsed);
            var running = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
            return await parsed.InvokeAsync(running, CancellationToken.None);
        }
        catch (CommandFailure failure)
        {
            Tell(failure);
            if (debug) Console.Error.WriteLine(failure.StackTrace);
            return failure.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (IOException closed) when (closed.HResult is BrokenPipe or BrokenPipeWindows)
        {
            // Whoever read the output has seen enough.
            return ExitCode.Ok;
        }
        catch (Exception bug)
        {
            Console.Error.WriteLine(
                VisibleText.Of($"error: this is a bug in cplane: {bug.GetType().Name}: {bug.Message} [bug]"));
            Console.Error.WriteLine(
                debug ? bug.ToString() : "  run the command again with --debug and report what it prints");
            return ExitCode.Bug;
        }
    }

    private static int Misused(ParseResult parsed)
    {
        foreach (var sentence in UsageErrors.Describe(parsed)) Screen.Note($"error: {sentence} [usage]");
        Screen.Note($"  see '{PathOf(parsed)} --help'");
        return ExitCode.Usage;
    }

    private static string PathOf(ParseResult parsed)
    {
        var names = new List<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as CommandResult)
            names.Insert(0, result.Command is RootCommand ? CommandTree.ProgramName : result.Command.Name);
        return string.Join(' ', names);
    }

    private static void Tell(CommandFailure failure)
    {
        foreach (var problem in failure.Problems) Screen.Note(ProblemLine.Of(problem));
        if (failure.Problems.Count == 0) Screen.Note($"error: {failure.Message} [{failure.Slug}]");
        if (failure.Hint is { } hint) Screen.Note($"  {hint}");
    }
}
