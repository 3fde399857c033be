using System.ComponentModel;
using ControlPlane.Files;
using ControlPlane.Workloads;

namespace ControlPlane.Policies;

/// <summary>
/// Workloads that a policy is about. Every part that is given must hold; a match that gives none is refused, because
/// blank must never mean everything. To match everything is said with <see cref="Everything"/>.
/// </summary>
[FileSlugs(Unknown = "attribute-unknown")]
public sealed record PolicyMatch
{
    [Description("true matches every workload; then nothing else may be given.")]
    public bool Everything { get; init; }

    [Description("Data classes.")]
    public Seq<DataClassId> DataClasses { get; init; }

    [Description("Tenants.")]
    public Seq<TenantId> Tenants { get; init; }

    [Description("Kinds of workload.")]
    public Seq<WorkloadKind> WorkloadKinds { get; init; }

    [Description("Labels that must be there with exactly these values.")]
    public Seq<LabelMatch> MatchLabels { get; init; }

    [Description("Conditions on labels.")]
    public Seq<LabelExpression> MatchExpressions { get; init; }

    public bool IsBlank =>
        !Everything && DataClasses.Count == 0 && Tenants.Count == 0 && WorkloadKinds.Count == 0
        && MatchLabels.Count == 0 && MatchExpressions.Count == 0;

    /// <summary>Whether all that the other matches is matched here; it may be so without being known.</summary>
    public bool Covers(PolicyMatch other) =>
        Everything
        || (!other.Everything
            && Holds(DataClasses, other.DataClasses)
            && Holds(Tenants, other.Tenants)
            && Holds(WorkloadKinds, other.WorkloadKinds)
            && MatchLabels.All(other.MatchLabels.Contains)
            && MatchExpressions.All(other.MatchExpressions.Contains));

    private static bool Holds<T>(Seq<T> outer, Seq<T> inner) =>
        outer.Count == 0 || (inner.Count > 0 && inner.All(outer.Contains));

    public bool Matches(LawSubject subject) =>
        Everything
        || (!IsBlank
            && (DataClasses.Count == 0 || DataClasses.Contains(subject.DataClass))
            && (Tenants.Count == 0 || Tenants.Contains(subject.Tenant))
            && (WorkloadKinds.Count == 0 || WorkloadKinds.Contains(subject.Kind))
            && MatchLabels.All(label => subject.LabelValue(label.Key) == label.Value)
            && MatchExpressions.All(expression => expression.Holds(subject)));
}

/// <summary>A label that must be there with exactly this value.</summary>
[FileSlugs(Unknown = "attribute-unknown")]
public sealed record LabelMatch
{
    public required string Key { get; init; }
    public required string Value { get; init; }
}

/// <summary>How a label is compared.</summary>
public enum LabelOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,

    /// <summary>The value matches a regular expression.</summary>
    Matches,
}

/// <summary>A condition on one label, as Kubernetes label selectors know it.</summary>
[FileSlugs(Unknown = "attribute-unknown")]
public sealed record LabelExpression
{
    public required string Key { get; init; }

    public required LabelOperator Operator { get; init; }

    [Description("Values for in and notIn.")]
    public Seq<string> Values { get; init; }

    [Description("Regular expression for matches; it must not need backtracking. Anchor it to match whole values.")]
    public string? Pattern
    {
        get => pattern?.ToString();
        init => pattern = value is null ? null : new LabelPattern(value);
    }

    /// <summary>Why the pattern cannot be used; null when it can.</summary>
    internal string? PatternFault => pattern?.Fault;

    private readonly LabelPattern? pattern;

    public bool Holds(LawSubject subject)
    {
        var value = subject.LabelValue(Key);
        return Operator switch
        {
            LabelOperator.In => value is not null && Values.Contains(value),
            LabelOperator.NotIn => value is null || !Values.Contains(value),
            LabelOperator.Exists => value is not null,
            LabelOperator.DoesNotExist => value is null,
            LabelOperator.Matches => value is not null && pattern is not null && pattern.IsMatch(value),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
