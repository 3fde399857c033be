using System.ComponentModel;
using ControlPlane.Files;

namespace ControlPlane.Policies;

/// <summary>
/// Lets named workloads into named regions although a rule of law denies it, for a reason, until a day. The denial is
/// still said. When the waiver has run out, what rests on it is unlawful.
/// </summary>
[FileSlugs(Missing = "waiver-incomplete", Unknown = "attribute-unknown")]
public sealed record Waiver
{
    [Description("Identifies the waiver; unique over all waivers.")]
    public required WaiverId Id { get; init; }

    [Description("Policy whose rules are waived.")]
    public required PolicyId Policy { get; init; }

    [Description("Rules of that policy that are waived; each is named.")]
    public required Seq<string> Rules { get; init; }

    [Description("Why the waiver is granted, in one sentence.")]
    public required string Because { get; init; }

    [Description("Who answers for it.")]
    public required string Owner { get; init; }

    [Description("Workloads that it is for.")]
    public required PolicyMatch Match { get; init; }

    [Description("Regions that it opens; each is named.")]
    public required Seq<RegionId> Regions { get; init; }

    [Description("First day on which it holds (UTC).")]
    public required DateOnly ValidFrom { get; init; }

    [Description("Last day on which it holds (UTC).")]
    public required DateOnly Expires { get; init; }

    /// <summary>Whether the waiver holds on a day.</summary>
    public bool HoldsOn(DateOnly day) => ValidFrom <= day && day <= Expires;

    /// <summary>Whether the waiver is about a rule and a request.</summary>
    public bool Covers(Policy policy, PolicyRule rule, LawSubject subject) =>
        Policy == policy.Id && Rules.Contains(rule.Rule) && Match.Matches(subject);
}
