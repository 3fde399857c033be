using System.Security.Cryptography;
using ControlPlane.Failover;

namespace ControlPlane.SiteAgent.Failover;

/// <summary>
/// Is who the agent of a site is: a key of its own, made at the first start and never sent, with which it proves
/// itself whenever it asks for a short-lived credential. The join token is read from its file, for the first time only.
/// </summary>
internal sealed class AgentIdentity : IDisposable
{
    private readonly SiteId site;
    private readonly ECDsa key;
    private readonly string? joinTokenFile;

    public AgentIdentity(SiteId site, SiteFolder folder, string? joinTokenFile)
    {
        this.site = site;
        this.joinTokenFile = joinTokenFile;
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (folder.ReadText(SiteFolder.Key) is { } kept) key.ImportFromPem(kept);
        else folder.WriteText(SiteFolder.Key, key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Asks for a credential, with the join token when the key alone was not enough.</summary>
    public EnrolRequest Request(DateTimeOffset now, bool withJoinToken)
    {
        var request = new EnrolRequest
        {
            Site = site,
            JoinToken = withJoinToken && joinTokenFile is not null && File.Exists(joinTokenFile)
                ? File.ReadAllText(joinTokenFile).Trim()
                : null,
            PublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()),
            SignedAt = now,
            Signature = "",
        };
        var proof = System.Text.Encoding.UTF8.GetBytes(request.Proof);
        return request with { Signature = Convert.ToBase64String(key.SignData(proof, HashAlgorithmName.SHA256)) };
    }

    public void Dispose() => key.Dispose();
}
