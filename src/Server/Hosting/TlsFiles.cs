using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Server.Hosting;

/// <summary>Names the files that the server proves itself with, and the authority of its clients.</summary>
/// <param name="Certificate">PEM file with the certificate and what leads to its root.</param>
/// <param name="Key">PEM file with the private key.</param>
internal sealed record TlsFiles(string Certificate, string Key)
{
    /// <summary>Whose client certificates are taken; null takes none.</summary>
    public ClientAuthority? Clients { get; init; }

    public static TlsFiles? Parse(Func<string, string?> value, List<Problem> problems)
    {
        var (certificate, key) = (value("--tls-certificate"), value("--tls-key"));
        var (authority, domain) = (value("--client-ca"), value("--trust-domain"));
        if (authority is null != domain is null)
        {
            problems.Add(new Problem(
                "usage", authority is null ? "--client-ca" : "--trust-domain",
                "is missing: an authority and the domain of the names that it vouches for are given together"));
        }

        if (certificate is null && key is null)
        {
            if (authority is not null)
                problems.Add(new Problem("usage", "--client-ca", "needs --tls-certificate and --tls-key"));
            return null;
        }

        if (certificate is not null && key is not null)
        {
            return new TlsFiles(Path.GetFullPath(certificate), Path.GetFullPath(key))
            {
                Clients = authority is null || domain is null
                    ? null
                    : new ClientAuthority(Path.GetFullPath(authority), domain),
            };
        }

        problems.Add(new Problem(
            "usage", certificate is null ? "--tls-certificate" : "--tls-key",
            "is missing: a certificate and its key are given together"));
        return null;
    }

    /// <summary>The certificate with its key.</summary>
    public X509Certificate2 Load() => Read(Certificate, () => X509Certificate2.CreateFromPemFile(Certificate, Key));

    /// <summary>The certificates that lead from ours to the root.</summary>
    public X509Certificate2Collection LoadChain() => Collection(Certificate);

    /// <summary>Roots of client certificates.</summary>
    public X509Certificate2Collection? LoadAuthority() =>
        Clients is { } clients ? Collection(clients.Roots) : null;

    private static X509Certificate2Collection Collection(string path) => Read(path, () =>
    {
        var collection = new X509Certificate2Collection();
        collection.ImportFromPemFile(path);
        return collection;
    });

    private static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartRefusedException(
                ExitCode.InvalidInput, $"{path} cannot be used for TLS: {broken.Message}", broken);
        }
    }
}

/// <summary>Says whose client certificates are taken, and for names of which domain.</summary>
/// <param name="Roots">PEM file with the roots.</param>
/// <param name="TrustDomain">Domain of the SPIFFE names; what stands in another one is nobody.</param>
internal sealed record ClientAuthority(string Roots, string TrustDomain);
