using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Server.Tests.Identity;

/// <summary>An authority of its own for one test: what a server proves itself with, and what clients do.</summary>
internal sealed class TestCertificates : IDisposable
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";
    private const string ForServers = "1.3.6.1.5.5.7.3.1";

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 authority;

    public TestCertificates(string name)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = DateTimeOffset.UtcNow;
        authority = request.CreateSelfSigned(now.AddDays(-2), now.AddDays(2));
    }

    public string AuthorityPem => authority.ExportCertificatePem();

    /// <summary>Certificate and key for localhost.</summary>
    public (string Certificate, string Key) ForServer()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        using var made = Sign(names, ForServers, TimeSpan.FromDays(1));
        using var secret = made.GetECDsaPrivateKey()!; // it was made with one
        return (made.ExportCertificatePem(), secret.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>A client's certificate with these URIs as names, in force from yesterday on.</summary>
    public X509Certificate2 ForClient(TimeSpan remaining, params string[] uris)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var uri in uris) names.AddUri(new Uri(uri));
        if (uris.Length == 0) names.AddDnsName("somebody");
        return Sign(names, ForClients, remaining);
    }

    /// <summary>The same, but meant for servers.</summary>
    public X509Certificate2 ForOtherUse(string uri)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(uri));
        return Sign(names, ForServers, TimeSpan.FromDays(1));
    }

    public void Dispose()
    {
        key.Dispose();
        authority.Dispose();
    }

    private X509Certificate2 Sign(SubjectAlternativeNameBuilder names, string use, TimeSpan remaining)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=workload", own, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        using var signed = request.Create(
            authority, now.AddDays(-1), now.Add(remaining), RandomNumberGenerator.GetBytes(12));
        using var whole = signed.CopyWithPrivateKey(own);
        // A client needs the key in a form that the handshake can use.
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
