namespace ControlPlane.Cli.Terminal;

/// <summary>Tells which version of the program this is.</summary>
internal static class ProgramVersion
{
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetName().Version is { } version ? version.ToString(3) : "0.0.0";
}
