namespace ControlPlane.Cli.Terminal;

/// <summary>Ends a command with an exit code and one sentence, or with all that is wrong with an input.</summary>
internal sealed class CommandFailure : Exception
{
    public CommandFailure(int exitCode, string slug, string message)
        : base(message)
    {
        ExitCode = exitCode;
        Slug = slug;
    }

    /// <summary>Ends a command because a file is not acceptable.</summary>
    public CommandFailure(Seq<Problem> problems)
        : base($"{problems.Count} problem(s)")
    {
        ExitCode = Terminal.ExitCode.InvalidInput;
        Slug = problems[0].Slug;
        Problems = problems;
    }

    public int ExitCode { get; }

    public string Slug { get; }

    /// <summary>What to do next; null when the sentence says it.</summary>
    public string? Hint { get; init; }

    /// <summary>Complaints at places in files; empty when the sentence is all there is.</summary>
    public Seq<Problem> Problems { get; init; }

    public static CommandFailure Usage(string message, string? hint = null) =>
        new(Terminal.ExitCode.Usage, "usage", message) { Hint = hint };

    public static CommandFailure Input(string slug, string message) =>
        new(Terminal.ExitCode.InvalidInput, slug, message);
}
