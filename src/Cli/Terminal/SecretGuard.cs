using System.Text.RegularExpressions;

namespace ControlPlane.Cli.Terminal;

/// <summary>Refuses secrets on the command line, where other users and the shell's history can read them.</summary>
internal static partial class SecretGuard
{
    public static CommandFailure? Find(IReadOnlyList<string> arguments) => arguments.Any(IsSecret)
        ? new CommandFailure(
            ExitCode.Usage, "secret-in-argv", "a token or password does not belong on the command line")
        {
            Hint = "set CPLANE_TOKEN, or CPLANE_TOKEN_FILE to the path of a file that holds it",
        }
        : null;

    private static bool IsSecret(string argument) =>
        SecretOption().IsMatch(argument) || BearerText().IsMatch(argument) || SignedToken().IsMatch(argument);

    [GeneratedRegex(
        "^--?(access-?|auth-?|bearer-?|api-?)?(token|key|password|passwd|secret|bearer|authorization)(=.*)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretOption();

    [GeneratedRegex("\\bbearer(\\s|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BearerText();

    [GeneratedRegex("eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.")]
    private static partial Regex SignedToken();
}
