namespace ControlPlane.Server.Hosting;

/// <summary>Tells the person who started the server where it is and what to try.</summary>
internal static class ReadyLines
{
    /// <param name="url">Where the server listens.</param>
    /// <param name="options">What it was started with.</param>
    /// <param name="checkout">The checkout as the person would type it; null when it was not started from one.</param>
    public static string From(string url, ServerOptions options, string? checkout)
    {
        var ready = $"control plane ready at {url} (data in {options.DataDirectory}; Ctrl-C stops it)";
        if (checkout is null) return ready;
        var client = options.Port == ServerOptions.DefaultPort
            ? $"{checkout}/cplane"
            : $"CPLANE_URL={url} {checkout}/cplane";
        return $"""
            {ready}
              {client} place -f {checkout}/docs/examples/place-health-de.yaml --explain
              {client} regions list
              {client} ledger verify
            """;
    }
}
