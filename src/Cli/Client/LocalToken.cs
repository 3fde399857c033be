namespace ControlPlane.Cli.Client;

/// <summary>
/// Finds the token that a server on this machine wrote for its user, so that commands work there as they are typed.
/// It is sent to addresses of this machine only.
/// </summary>
internal static class LocalToken
{
    /// <summary>The token that can do everything; null when there is none that this user may read.</summary>
    public static string? Find()
    {
        try
        {
            var path = Path.Combine(DataDirectory(), "identity", "tokens", "developer.token");
            var token = File.Exists(path) ? File.ReadAllText(path).Trim() : "";
            return token.Length > 0 && token.All(letter => letter is >= '!' and <= '~') ? token : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // Another user's server: its answer will say what it needs.
            return null;
        }
    }

    /// <summary>Where a server keeps its data unless it is told otherwise.</summary>
    public static string DataDirectory()
    {
        if (Environment.GetEnvironmentVariable("CPLANE_DATA") is { Length: > 0 } named) return named;
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        if (state is { Length: > 0 } && Path.IsPathRooted(state)) return Path.Combine(state, "control-plane");
        return Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home
            ? Path.Combine(home, ".local", "state", "control-plane")
            : "/var/lib/control-plane";
    }
}
