namespace ControlPlane.Failover;

/// <summary>
/// Asks for a credential of one site: the first time with the join token, later with a proof that the sender holds the
/// key which it enrolled with. <c>POST /v1/agent/enrol</c>.
/// </summary>
public sealed record EnrolRequest
{
    public required SiteId Site { get; init; }

    /// <summary>Handed over by an operator, used once; null when a credential is refreshed.</summary>
    public string? JoinToken { get; init; }

    /// <summary>The agent's own key: ECDSA P-256, SubjectPublicKeyInfo, base64.</summary>
    public required string PublicKey { get; init; }

    /// <summary>When the proof was signed, by the agent's wall clock.</summary>
    public required DateTimeOffset SignedAt { get; init; }

    /// <summary>Signature (IEEE P1363, base64) with the agent's key over <see cref="Proof"/>.</summary>
    public required string Signature { get; init; }

    /// <summary>What is signed.</summary>
    public string Proof => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"cplane-enrol\n{Site.Value}\n{PublicKey}\n{SignedAt.ToUnixTimeMilliseconds()}");
}

/// <summary>A credential: the bearer token of every other call of the agent, until it runs out.</summary>
public sealed record EnrolAnswer(SiteId Site, string Credential, long CredentialSeconds);
