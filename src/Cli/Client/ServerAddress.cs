using System.Text;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Client;

/// <summary>Where the server is, with what proves who asks kept apart from what may be shown.</summary>
/// <param name="Root">Address that requests are sent below, without user, query or fragment.</param>
/// <param name="Credentials">Value of the Authorization header; null when there is none.</param>
internal sealed record ServerAddress(Uri Root, string? Credentials)
{
    public const string Default = "http://127.0.0.1:8420";

    /// <summary>The address as messages show it.</summary>
    public string Shown => Root.ToString().TrimEnd('/');

    /// <summary>Takes the option, else the environment, else the local server.</summary>
    public static ServerAddress From(string? option)
    {
        var environment = Environment.GetEnvironmentVariable("CPLANE_URL");
        var text = option ?? (environment is { Length: > 0 } ? environment : Default);
        var valid = Uri.TryCreate(text, UriKind.Absolute, out var given)
            && (given.Scheme == Uri.UriSchemeHttp || given.Scheme == Uri.UriSchemeHttps);
        if (!valid)
        {
            var source = option is null ? "CPLANE_URL" : "--url";
            throw CommandFailure.Usage($"{source} is not a URL such as {Default}");
        }

        var root = new UriBuilder(given!.Scheme, given.Host, given.Port, given.AbsolutePath.TrimEnd('/') + "/").Uri;
        var basic = Basic(given.UserInfo);
        var credentials = Token() is { } token ? $"Bearer {token}"
            : basic is null && root.IsLoopback && LocalToken.Find() is { } local ? $"Bearer {local}"
            : basic;
        if (credentials is not null && root.Scheme == Uri.UriSchemeHttp && !root.IsLoopback)
        {
            throw new CommandFailure(
                ExitCode.Usage, "secret-in-clear", $"a token is not sent to {root} without encryption")
            {
                Hint = "use an https URL",
            };
        }

        return new ServerAddress(root, credentials);
    }

    private static string? Token()
    {
        var given = Environment.GetEnvironmentVariable("CPLANE_TOKEN") is { Length: > 0 } direct
            ? direct.Trim()
            : Environment.GetEnvironmentVariable("CPLANE_TOKEN_FILE") is { Length: > 0 } path
                ? Files.InputFile.Read(path).Text.Trim()
                : null;
        // What is not a token is not repeated: it may hold one.
        if (given is not null && given.Any(letter => letter is < '!' or > '~'))
            throw CommandFailure.Usage("a token is one word of visible ASCII characters");
        return given;
    }

    private static string? Basic(string userInfo) => userInfo.Length == 0
        ? null
        : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(userInfo)));
}
