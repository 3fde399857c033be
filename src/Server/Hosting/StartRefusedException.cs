namespace ControlPlane.Server.Hosting;

/// <summary>Ends the start of the server with an exit code and one sentence that says what to do.</summary>
internal sealed class StartRefusedException(int exitCode, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}
