using System.Security.Authentication;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ControlPlane.Server.Hosting;

/// <summary>Bounds what one connection may cost before any endpoint sees it.</summary>
internal static class EdgeLimits
{
    public const int RequestLineBytes = 8192;
    public const int HeaderBytes = 32_768;
    public const int Headers = 100;
    public const int Connections = 10_000;
    public static readonly TimeSpan HeaderTime = TimeSpan.FromSeconds(10);

    public static void Set(KestrelServerOptions kestrel, ServerOptions options)
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
        kestrel.Listen(options.Listen, options.Port, listen =>
        {
            if (options.Tls is { } tls) listen.UseHttps(tls.Load(), https => Set(https, tls));
            listen.Use(BareAnswers.Fill);
        });
    }

    /// <summary>A client may show a certificate; whether it counts is for the gate to say.</summary>
    private static void Set(HttpsConnectionAdapterOptions https, TlsFiles tls)
    {
        https.ServerCertificateChain = tls.LoadChain();
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        https.HandshakeTimeout = HeaderTime;
        if (tls.LoadAuthority() is not { } authority) return;
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        https.ClientCertificateValidation = (certificate, _, _) => ClientCertificates.IsTrusted(certificate, authority);
    }
}
