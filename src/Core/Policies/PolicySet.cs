namespace ControlPlane.Policies;

/// <summary>
/// All policies that are in force together, ordered by id, with the digest that names exactly this set.
/// </summary>
public sealed record PolicySet
{
    public required Seq<Policy> Policies { get; init; }

    /// <summary>Waivers of their rules, ordered by id.</summary>
    public Seq<Waiver> Waivers { get; init; }

    public required Preferences Preferences { get; init; }

    /// <summary>SHA-256 over the paths and texts of the files, in hexadecimal.</summary>
    public required string Digest { get; init; }

    /// <summary>No policies at all: only what requests ask for themselves is law.</summary>
    public static PolicySet None { get; } = new() { Policies = [], Preferences = Preferences.Default, Digest = "none" };
}
