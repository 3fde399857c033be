namespace ControlPlane.Server.Hosting;

/// <summary>
/// Names the exit codes of the server; they mean what the same codes of the command line client mean.
/// </summary>
internal static class ExitCode
{
    public const int Stopped = 0;

    /// <summary>The question that was asked is answered with no: the tables differ from the ledger.</summary>
    public const int No = 1;

    /// <summary>An argument is unknown, missing or out of range.</summary>
    public const int Usage = 2;

    /// <summary>A region or policy file cannot be used.</summary>
    public const int InvalidInput = 3;

    /// <summary>The data directory or the port is in use, or the data was written by another version.</summary>
    public const int Conflict = 5;

    /// <summary>The database cannot be started or reached.</summary>
    public const int Unreachable = 6;

    public const int Bug = 70;
}
