namespace ControlPlane.Ledger;

/// <summary>Names a grant; the token of the software agent has the same name.</summary>
public readonly record struct GrantId(Guid Value) : IComparable<GrantId>
{
    public int CompareTo(GrantId other) => Value.CompareTo(other.Value);
    public override string ToString() => Value.ToString("D");
}

/// <summary>
/// Says what a software agent may do for somebody: never more than that one may, for a while, and only so much.
/// </summary>
public sealed record AgentGrant
{
    /// <summary>Issuer of the tokens that grants come with.</summary>
    public const string Issuer = "urn:control-plane:credentials";

    public required GrantId Id { get; init; }

    /// <summary>Name of the program.</summary>
    public required string Agent { get; init; }

    /// <summary>For whom it acts.</summary>
    public required string OnBehalfOf { get; init; }

    /// <summary>Who vouches for that one.</summary>
    public required string VouchedBy { get; init; }

    /// <summary>Names of permissions, in order.</summary>
    public required Seq<string> Scopes { get; init; }

    /// <summary>Tenants that it acts for; <c>*</c> is every one.</summary>
    public required Seq<string> Tenants { get; init; }

    /// <summary>Jurisdictions that it is confined to; null when whoever it acts for is not.</summary>
    public Seq<JurisdictionId>? Jurisdictions { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset Until { get; init; }

    public required AgentBudget Budget { get; init; }
}

/// <summary>Bounds what a software agent does, whatever its scopes allow.</summary>
/// <param name="Accelerators">Held at any time; what is given back may be asked for again.</param>
/// <param name="Moves">Placements that it moves within a window.</param>
/// <param name="Sites">Sites that it touches within a window.</param>
/// <param name="Regions">Regions that it touches within a window.</param>
/// <param name="Window">Windows follow each other from the beginning of the grant on.</param>
public sealed record AgentBudget(int Accelerators, int Moves, int Sites, int Regions, TimeSpan Window);
