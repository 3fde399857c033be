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

    /// <summary>The caller that a trusted certificate names; null when it names none.</summary>
    public static Caller? CallerOf(X509Certificate2 certificate)
    {
        if (NamesOf(certificate) is not [var name] || !Uri.TryCreate(name, UriKind.Absolute, out var url)) return null;
        if (url.Scheme != "spiffe" || url.Query.Length + url.Fragment.Length + url.UserInfo.Length > 0) return null;
        var caller = new Caller
        {
            Issuer = $"spiffe://{url.Host}",
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
