using System.ComponentModel;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>One condition of a policy. Its kind says what it looks at; each kind has a file of its own.</summary>
[FileCases(
    "kind",
    typeof(ResidencyRule),
    typeof(OperatorControlRule),
    typeof(KeyCustodyRule),
    typeof(CertificationRule),
    typeof(CapacityReserveRule),
    typeof(QuotaRule))]
public abstract record PolicyRule
{
    [Description("Names the rule within its policy.")]
    [NameFormat(NameFormatAttribute.DefaultPattern, NameFormatAttribute.DefaultExplanation)]
    public required string Rule { get; init; }

    /// <summary>What is wrong with the rule by itself or against the fleet; nothing when it can be judged.</summary>
    /// <param name="fleet">The declared fleet whose jurisdictions, schemes and models the rule may name.</param>
    /// <param name="path">Path of the rule in its file, for the problems.</param>
    public abstract IEnumerable<Problem> Check(Fleet fleet, string path);
}

/// <summary>
/// A rule about what a place is and what may come there: its verdict depends on the pool, on what the law knows of the
/// request, and on the day. What is in use never matters.
/// </summary>
public abstract record LawRule : PolicyRule
{
    /// <summary>Code under which a denial is counted.</summary>
    public abstract string Reason { get; }

    /// <summary>
    /// Whether the verdict depends on more of the request than that the policy matches it. A rule that says no is
    /// compiled once a day for all requests, so it must not look.
    /// </summary>
    public virtual bool LooksAtSubject => false;

    /// <summary>Judges one pool on one day by looking at its declared facts.</summary>
    public abstract LawFinding Judge(LawCase at);

    /// <summary>
    /// The pools that <see cref="Judge"/> allows, by set operations on the index of the day. The two must agree; a
    /// property test on random worlds holds them together.
    /// </summary>
    public abstract PoolSet Compile(LawIndex index, LawSubject subject);
}

/// <summary>What a law rule is judged on: a pool of a fleet, what asks to come there, and the instant.</summary>
public sealed record LawCase(Fleet Fleet, FleetPool Pool, LawSubject Subject, DateTimeOffset AsOf)
{
    public FleetCluster Cluster => Pool.Cluster;

    /// <summary>Country the building stands in.</summary>
    public JurisdictionId Country => Pool.Site.Spec.Country;
}

/// <summary>What a law rule finds at a pool.</summary>
/// <param name="Allowed">Whether the rule is satisfied.</param>
/// <param name="Because">A sentence with the values that decided.</param>
public readonly record struct LawFinding(bool Allowed, string Because);

/// <summary>A rule about how much may be used: it caps the units of a request by what is used already.</summary>
public abstract record CapacityRule : PolicyRule;
