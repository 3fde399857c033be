namespace ControlPlane.Server.Hosting;

/// <summary>Tells the person who started the server where it is and what to try.</summary>
internal static class ReadyLines
{
    /// <param name="url">Where the server listens.</param>
    /// <param name="options">What it was started with.</param>
    /// <param name="checkout">The checkout as the person would type it; null when it was not started from one.</param>
    /// <param name="isDefaultData">Whether the client finds the data directory by itself.</param>
    public static string From(string url, ServerOptions options, string? checkout, bool isDefaultData)
    {
        var ready = $"control plane ready at {url} (data in {options.DataDirectory}; Ctrl-C stops it)";
        if (checkout is null) return ready;
        var client = (options.Port == ServerOptions.DefaultPort ? "" : $"CPLANE_URL={url} ")
            + (isDefaultData ? "" : $"CPLANE_DATA={options.DataDirectory} ") + $"{checkout}/cplane";
        var tokens = options.IdentityFile is not null
            ? $"tokens: those of the issuers in {options.IdentityFile}"
            : $"tokens for trying things out, one per role, on this machine only: {FolderOf(options)}";
        return $"""
            {ready}
              {tokens}
              {client} place -f {checkout}/docs/examples/place-health-de.yaml --explain
              {client} regions list
              {client} ledger verify
            """;
    }

    private static string FolderOf(ServerOptions options) => Identity.LocalIssuer.FolderOf(options.DataDirectory);
}
