namespace ControlPlane.Server.Identity;

/// <summary>An issuer that is trusted, with the way to its keys.</summary>
internal abstract record TrustedIssuer(IssuerSpec Spec)
{
    /// <summary>Keys that keep for ever are of this generation.</summary>
    public const long Lasting = 1;

    public abstract Task<KeyAnswer> FindAsync(string keyId, CancellationToken cancellation);

    /// <summary>Changes whenever its keys do.</summary>
    public abstract long Generation { get; }

    /// <summary>Whether what was validated with a generation of its keys still counts.</summary>
    public abstract bool Holds(long generation);
}

/// <summary>An OpenID provider, reached over HTTP.</summary>
internal sealed record OutsideIssuer(IssuerKeys Keys) : TrustedIssuer(Keys.Spec)
{
    public override long Generation => Keys.Generation;

    public override Task<KeyAnswer> FindAsync(string keyId, CancellationToken cancellation) =>
        Keys.FindAsync(keyId, cancellation);

    public override bool Holds(long generation) => Keys.Holds(generation);
}

/// <summary>The servers on this database themselves.</summary>
internal sealed record OwnIssuer(IssuerSpec Spec, ServerKeyStore Keys) : TrustedIssuer(Spec)
{
    /// <summary>Issues tokens for trying things out on one machine; trusted on loopback only.</summary>
    public const string Local = "urn:control-plane:local";

    /// <summary>Issues credentials of sites and of software agents.</summary>
    public const string Credentials = ControlPlane.Ledger.AgentGrant.Issuer;

    public const string Audience = "control-plane";

    public override long Generation => Lasting;

    public override async Task<KeyAnswer> FindAsync(string keyId, CancellationToken cancellation) =>
        await Keys.FindAsync(keyId, cancellation) is { } key ? new KeyFound(key) : new KeyUnknown();

    public override bool Holds(long generation) => generation == Lasting;

    public static OwnIssuer Of(string issuer, ServerKeyStore keys, params Role[] roles) => new(
        new IssuerSpec
        {
            Issuer = issuer,
            Audience = Audience,
            Algorithms = ["ES256"],
            Roles = roles.Length == 0 ? null : roles.Select(role => role.Name).ToSeq(),
        },
        keys);
}
