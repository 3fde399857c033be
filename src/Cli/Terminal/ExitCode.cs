namespace ControlPlane.Cli.Terminal;

/// <summary>The exit codes of every command; <c>--help</c> lists them.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int No = 1;
    public const int Usage = 2;
    public const int InvalidInput = 3;
    public const int NotAuthorised = 4;
    public const int Conflict = 5;
    public const int Unreachable = 6;
    public const int Bug = 70;
    public const int Interrupted = 130;

    /// <summary>The table that stands under every help text.</summary>
    public const string Table = """
        Exit codes:
          0   ok
          1   a "no": refused, findings, failed verification or replay
          2   wrong use of the command line
          3   invalid input: a file or request that is not acceptable
          4   denied: not authorised, not signed, or more than was accepted
          5   conflict with the state of things
          6   server unreachable or unable to answer
          70  a bug in this program
        """;
}
