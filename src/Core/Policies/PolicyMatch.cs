using System.ComponentModel;
using ControlPlane.Workloads;

namespace ControlPlane.Policies;

/// <summary>
/// Workloads that a policy is about. Every part that is given must hold; a match that gives none is refused, because
/// blank must never mean everything. To match everything is said with <see cref="Everything"/>.
/// </summary>
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
}

/// <summary>A condition on one label, as Kubernetes label selectors know it.</summary>
public sealed record LabelExpression
{
    public required string Key { get; init; }

    public required LabelOperator Operator { get; init; }

    [Description("Values for in and notIn.")]
    public Seq<string> Values { get; init; }

    public bool Holds(LawSubject subject)
    {
        var value = subject.LabelValue(Key);
        return Operator switch
        {
            LabelOperator.In => value is not null && Values.Contains(value),
            LabelOperator.NotIn => value is null || !Values.Contains(value),
            LabelOperator.Exists => value is not null,
            LabelOperator.DoesNotExist => value is null,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
