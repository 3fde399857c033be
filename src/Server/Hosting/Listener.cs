using System.Net.Sockets;

namespace ControlPlane.Server.Hosting;

/// <summary>Starts to listen, or says in one sentence why that is not possible.</summary>
internal static class Listener
{
    /// <summary>The URL the server listens on.</summary>
    public static async Task<string> StartAsync(WebApplication app, int port, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
            return app.Urls.First();
        }
        catch (Exception taken) when (taken is IOException or SocketException)
        {
            throw new StartRefusedException(
                ExitCode.Conflict,
                $"port {port} cannot be listened on ({taken.GetBaseException().Message}); choose another --port",
                taken);
        }
    }
}
