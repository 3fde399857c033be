using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Server.Hosting;

/// <summary>Names the files that the server proves itself with, and the authority of its clients.</summary>
/// <param name="Certificate">PEM file with the certificate and what leads to its root.</param>
/// <param name="Key">PEM file with the private key.</param>
/// <param name="ClientAuthority">PEM file with the roots of client certificates; null takes none.</param>
internal sealed record TlsFiles(string Certificate, string Key, string? ClientAuthority)
{
    public static TlsFiles? Parse(Func<string, string?> value, List<Problem> problems)
    {
        var (certificate, key) = (value("--tls-certificate"), value("--tls-key"));
        var authority = value("--client-ca");
        if (certificate is null && key is null)
        {
            if (authority is not null)
                problems.Add(new Problem("usage", "--client-ca", "needs --tls-certificate and --tls-key"));
            return null;
        }

        if (certificate is not null && key is not null)
        {
            return new TlsFiles(
                Path.GetFullPath(certificate), Path.GetFullPath(key),
                authority is null ? null : Path.GetFullPath(authority));
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
        ClientAuthority is { } authority ? Collection(authority) : null;

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
