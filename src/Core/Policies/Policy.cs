using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;

namespace ControlPlane.Policies;

/// <summary>How a policy is enforced.</summary>
public enum Enforcement
{
    /// <summary>A denial is said and does not bind.</summary>
    Advisory,

    /// <summary>A denial binds.</summary>
    Mandatory,

    /// <summary>The policy is kept on file and not judged.</summary>
    Disabled,
}

/// <summary>
/// A set of rules for the workloads it matches, with the reason for it and the days on which it holds.
/// A satisfied policy is a satisfied policy; it is no statement about compliance with any law.
/// </summary>
[FileSlugs(Unknown = "attribute-unknown")]
public sealed record Policy
{
    [Description("Identifies the policy; unique over all files.")]
    public required PolicyId Id { get; init; }

    [Description("Why the policy exists, in one sentence.")]
    public required string Because { get; init; }

    [Description("What the policy rests on.")]
    public required PolicySource Source { get; init; }

    [Description("Who answers for the policy.")]
    public required string Owner { get; init; }

    [Description("First day on which the policy holds (UTC).")]
    public required DateOnly ValidFrom { get; init; }

    [Description("Last day on which the policy holds (UTC); open when left out.")]
    public DateOnly? ValidTo { get; init; }

    [Description("advisory says, mandatory binds, disabled is not judged.")]
    public required Enforcement Enforcement { get; init; }

    [Description("Days for which something that runs and has become unlawful may stay; none when left out.")]
    [Range(0, 3_650)]
    public int RemedyDays { get; init; }

    [Description("Workloads the policy is about.")]
    public required PolicyMatch Match { get; init; }

    [Description("Policies whose rules hold here as well, for what this policy matches.")]
    public Seq<PolicyId> Includes { get; init; }

    [Description("Rules that a place must pass; [] when includes bring them.")]
    public required Seq<PolicyRule> Rules { get; init; }

    /// <summary>Regions in which it is judged; everywhere when null. Never said in a file.</summary>
    internal RegionScope? Scope { get; init; }

    /// <summary>Whether it is judged at places of a region.</summary>
    internal bool HoldsIn(RegionId region) => Scope is null || Scope.Holds(region);

    /// <summary>Whether the policy is judged on a day.</summary>
    public bool HoldsOn(DateOnly day) =>
        Enforcement != Enforcement.Disabled && ValidFrom <= day && (ValidTo is not { } last || day <= last);
}

/// <summary>What a policy rests on.</summary>
public sealed record PolicySource
{
    [Description("Law, contract or standard, such as GDPR.")]
    public required string Law { get; init; }

    [Description("Article or clause.")]
    public string? Article { get; init; }

    [Description("Where to read it.")]
    public string? Link { get; init; }
}
