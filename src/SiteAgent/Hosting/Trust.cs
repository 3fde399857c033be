using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.SiteAgent.Hosting;

/// <summary>Makes HTTP connections that trust the certificates of a file, where one is named, and no others.</summary>
internal static class Trust
{
    public static SocketsHttpHandler Handler(string? caFile)
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // A way that went dead while nobody used it says nothing; each request on it would wait out its time.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
            ConnectTimeout = TimeSpan.FromSeconds(5),
            UseProxy = false,
        };
        if (caFile is null) return handler;
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(caFile);
        handler.SslOptions.CertificateChainPolicy = policy;
        return handler;
    }
}
