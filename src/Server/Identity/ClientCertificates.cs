using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Identity;

/// <summary>
/// Reads who a client is from its certificate: a name of the form spiffe://DOMAIN/site/NAME is the agent of a site,
/// spiffe://DOMAIN/scheduler/TENANT the scheduler of a tenant.
/// </summary>
internal static class ClientCertificates
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private static readonly Asn1Tag uriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>Whether it is signed by one of the roots, in force, and meant for clients.</summary>
    public static bool IsTrusted(X509Certificate2 certificate, X509Certificate2Collection authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authority);
        chain.ChainPolicy.ApplicationPolicy.Add(new(ClientAuthentication));
        // Credentials live for hours; who should lose one earlier is stopped by name.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    /// <summary>
    /// The caller that a certificate of the authority names; null when it names none in the domain, or ran out while
    /// the connection stayed open.
    /// </summary>
    public static Caller? CallerOf(X509Certificate2 certificate, string domain, DateTimeOffset now)
    {
        if (now.LocalDateTime > certificate.NotAfter) return null;
        if (NamesOf(certificate) is not [var name] || !Uri.TryCreate(name, UriKind.Absolute, out var url)) return null;
        if (url.Scheme != "spiffe" || url.Query.Length + url.Fragment.Length + url.UserInfo.Length > 0) return null;
        // To the letter: what is normalised, has a port or an escape is no name of this form.
        if (!name.StartsWith($"spiffe://{domain}/", StringComparison.Ordinal)) return null;
        var caller = new Caller
        {
            Issuer = $"spiffe://{domain}",
            Subject = name,
            Roles = [],
            TokenId = certificate.SerialNumber,
        };
        return url.AbsolutePath.Split('/') switch
        {
            ["", "site", var site] when FieldReader.IsName(site) =>
                caller with { Roles = [Role.SiteAgent], Site = new SiteId(site) },
            ["", "scheduler", var tenant] when FieldReader.IsName(tenant) =>
                caller with { Roles = [Role.Scheduler], Tenants = [tenant] },
            _ => null,
        };
    }

    private static List<string> NamesOf(X509Certificate2 certificate)
    {
        var names = new List<string>();
        foreach (var extension in certificate.Extensions.Where(item => item.Oid?.Value == SubjectAlternativeName))
        {
            var reader = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (reader.HasData)
            {
                if (reader.PeekTag().HasSameClassAndValue(uriTag))
                    names.Add(reader.ReadCharacterString(UniversalTagNumber.IA5String, uriTag));
                else reader.ReadEncodedValue();
            }
        }

        return names;
    }
}
