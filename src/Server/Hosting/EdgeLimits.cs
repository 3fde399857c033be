using System.Net;
using ControlPlane.Server.Placements;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ControlPlane.Server.Hosting;

/// <summary>Bounds what one connection may cost before any endpoint sees it.</summary>
internal static class EdgeLimits
{
    public const int RequestLineBytes = 8192;
    public const int HeaderBytes = 32_768;
    public const int Headers = 100;
    public const int Connections = 10_000;
    public static readonly TimeSpan HeaderTime = TimeSpan.FromSeconds(10);

    public static void Set(KestrelServerOptions kestrel, int port)
    {
        kestrel.AddServerHeader = false;
        // Operations have lower limits of their own; over this one not even the rest of a body is read.
        kestrel.Limits.MaxRequestBodySize = RequestLimits.BatchBodyBytes + 1;
        kestrel.Limits.MaxRequestLineSize = RequestLineBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = HeaderBytes;
        kestrel.Limits.MaxRequestHeaderCount = Headers;
        kestrel.Limits.MaxConcurrentConnections = Connections;
        kestrel.Limits.RequestHeadersTimeout = HeaderTime;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        kestrel.Listen(IPAddress.Loopback, port, listen => listen.Use(BareAnswers.Fill));
    }
}
