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

/// <summary>A rule about what a place is: its verdict depends on the cluster and the day alone.</summary>
public abstract record LawRule : PolicyRule
{
    /// <summary>Code under which a denial is counted.</summary>
    public abstract string Reason { get; }

    /// <summary>Judges one cluster on one day by looking at its declared facts.</summary>
    public abstract LawFinding Judge(Fleet fleet, FleetCluster cluster, DateTimeOffset asOf);

    /// <summary>
    /// The clusters that <see cref="Judge"/> allows, by set operations on the index of the day. The two must agree;
    /// a property test on random worlds holds them together.
    /// </summary>
    public abstract ClusterSet Compile(LawIndex index);
}

/// <summary>What a law rule finds at a cluster.</summary>
/// <param name="Allowed">Whether the rule is satisfied.</param>
/// <param name="Because">A sentence with the values that decided.</param>
public readonly record struct LawFinding(bool Allowed, string Because);

/// <summary>A rule about how much may be used: it caps the units of a request by what is used already.</summary>
public abstract record CapacityRule : PolicyRule;
