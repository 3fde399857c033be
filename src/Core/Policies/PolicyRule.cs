using System.ComponentModel;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Policies;

/// <summary>One condition of a policy. Its kind says what it looks at; each kind has a file of its own.</summary>
[FileCases(
    "kind",
    typeof(ResidencyRule),
    typeof(LocalisationRule),
    typeof(TransferRule),
    typeof(OperatorControlRule),
    typeof(KeyCustodyRule),
    typeof(PersonnelRule),
    typeof(CertificationRule),
    typeof(SealRule),
    typeof(ExportControlRule),
    typeof(ProvenanceRule),
    typeof(LatencyRule),
    typeof(FreshnessRule),
    typeof(IsolationRule),
    typeof(SpreadRule),
    typeof(MobilityRule),
    typeof(CapacityReserveRule),
    typeof(FailoverReserveRule),
    typeof(QuotaRule),
    typeof(CohortQuotaRule),
    typeof(PowerCapRule),
    typeof(PreemptionRule))]
[FileSlugs(Unknown = "attribute-unknown")]
public abstract record PolicyRule
{
    [Description("Names the rule within its policy.")]
    [NameFormat(NameFormatAttribute.DefaultPattern, NameFormatAttribute.DefaultExplanation)]
    public required string Rule { get; init; }

    /// <summary>Where the rule bites; a test with the rule's forbidden case holds every point to it.</summary>
    public abstract EnforcementPoints Points { get; }

    /// <summary>What is wrong with the rule by itself or against the fleet; nothing when it can be judged.</summary>
    /// <param name="fleet">The declared fleet whose jurisdictions, schemes and models the rule may name.</param>
    /// <param name="path">Path of the rule in its file, for the problems.</param>
    public abstract IEnumerable<Problem> Check(Fleet fleet, string path);

    /// <summary>
    /// Whether everything that passes the other rule passes this one, so that this one decides nothing beside it. True
    /// only where it follows from the rules themselves, whatever regions there are.
    /// </summary>
    public virtual bool IsImpliedBy(PolicyRule other, Fleet fleet) => other == this with { Rule = other.Rule };
}

/// <summary>The points at which a rule can bite.</summary>
[Flags]
public enum EnforcementPoints
{
    /// <summary>Nowhere; no rule says so.</summary>
    None = 0,

    /// <summary>A request is decided.</summary>
    Placement = 1,

    /// <summary>A decision is planned or explained without being made.</summary>
    Plan = 2,

    /// <summary>What runs already is held against the law.</summary>
    Audit = 4,

    /// <summary>What runs is to move: failover, failback, a planned move or one that the law asks for.</summary>
    Move = 8,

    /// <summary>Two laws are compared by what they would do to what runs.</summary>
    Diff = 16,

    /// <summary>What runs would end to make room for something else.</summary>
    Preemption = 32,

    /// <summary>Wherever a place is judged.</summary>
    Everywhere = Placement | Plan | Audit | Move | Diff,
}

/// <summary>
/// A rule about what a place is and what may come there: its verdict depends on the pool, on what the law knows of the
/// request, and on the day. What is in use never matters.
/// </summary>
public abstract record LawRule : PolicyRule
{
    public sealed override EnforcementPoints Points => EnforcementPoints.Everywhere;

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

/// <summary>What a rule finds at a pool, or in a request.</summary>
/// <param name="Allowed">Whether the rule is satisfied.</param>
/// <param name="Because">A sentence with the values that decided.</param>
public readonly record struct LawFinding(bool Allowed, string Because);

/// <summary>
/// A rule about how work must run, wherever that is: it raises what a request asks for, or refuses the request when
/// that cannot be done.
/// </summary>
public abstract record DemandRule : PolicyRule
{
    public sealed override EnforcementPoints Points => EnforcementPoints.Everywhere;

    /// <summary>Code under which a denial is counted.</summary>
    public abstract string Reason { get; }

    /// <summary>Whether the request can be met as the rule demands.</summary>
    public abstract LawFinding Judge(PlacementRequest asked);

    /// <summary>Whether the request can be met as the rule demands on a pool.</summary>
    public virtual LawFinding Judge(PlacementRequest asked, FleetPool at) => Judge(asked);

    /// <summary>
    /// The request with what the rule demands; only for one that <see cref="Judge(PlacementRequest)"/> allows.
    /// </summary>
    public abstract PlacementRequest Raise(PlacementRequest asked);

    /// <summary>Whether something that runs already runs as the rule demands.</summary>
    public abstract LawFinding Judge(Fleet fleet, Placement running);
}

/// <summary>A rule about how much may be used: it caps the units of a request by what is used already.</summary>
public abstract record CapacityRule : PolicyRule
{
    public sealed override EnforcementPoints Points => EnforcementPoints.Placement | EnforcementPoints.Plan;
}
