using System.Net;

namespace ControlPlane.Server.Hosting;

/// <summary>Keeps a server from being reachable by others before it can tell them apart and be told apart.</summary>
internal static class ExposureCheck
{
    public static IEnumerable<Problem> Find(ServerOptions options)
    {
        if (IPAddress.IsLoopback(options.Listen)) yield break;
        if (options.IdentityFile is null && options.ServeDirectory is null)
        {
            yield return new Problem(
                "usage", "--identity",
                $"is missing: a server that listens on {options.Listen} needs a file that says whose tokens count; "
                + "the tokens that it issues itself are for one machine");
        }

        if (options.Tls is null)
        {
            yield return new Problem(
                "usage", "--tls-certificate",
                $"is missing: a server that listens on {options.Listen} speaks TLS only; "
                + "give --tls-certificate and --tls-key");
        }
    }
}
