using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Demands a least SEAL level for each objective of the EU Cloud Sovereignty Framework. Every objective must reach its
/// own level, so the weakest governs; where claims about one objective differ the lowest counts.
/// </summary>
[FileCase("seal")]
public sealed record SealRule : LawRule
{
    [Description("Least level of each objective that matters.")]
    public Seq<SealMinimum> Minimum { get; init; }

    public override string Reason => ReasonCode.Seal;

    public override LawFinding Judge(LawCase at)
    {
        foreach (var minimum in Minimum)
        {
            int? level = null;
            foreach (var claim in at.Cluster.Claims)
            {
                if (claim.Kind != ClaimKind.Seal || claim.Objective != minimum.Objective || !claim.HoldsAt(at.AsOf))
                    continue;
                level = level is null ? claim.Level : Math.Min(level.Value, claim.Level ?? 0);
            }

            if (level is null)
                return new(
                    false, $"no level of {minimum.Objective} is claimed on that day; {minimum.Level} is demanded");
            if (level < minimum.Level)
                return new(false, $"{minimum.Objective} is at level {level}; {minimum.Level} is demanded");
        }

        return new(true,
            $"reaches {string.Join(", ", Minimum.Select(minimum => $"{minimum.Objective} level {minimum.Level}"))}");
    }

    public override PoolSet Compile(LawIndex index, LawSubject subject) =>
        Minimum.Aggregate(index.All, (set, minimum) => set.And(index.SealAtLeast(minimum.Objective, minimum.Level)));

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (Minimum.Count == 0)
            yield return new("policy-blank", $"{path}.minimum", "a seal rule needs minimum; blank never means allow");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < Minimum.Count; index++)
        {
            if (Minimum[index]?.Objective is not { } objective) continue;
            if (!seen.Add(objective))
                yield return new("rule-conflict", $"{path}.minimum[{index}].objective", $"{objective} is given twice");
        }
    }

    public override bool IsImpliedBy(PolicyRule other, Fleet fleet) => other is SealRule stricter
        && Minimum.All(
            mine => stricter.Minimum.Any(theirs => theirs.Objective == mine.Objective && theirs.Level >= mine.Level));
}

/// <summary>Least SEAL level of one objective.</summary>
public sealed record SealMinimum
{
    [Description("Objective, SOV-1 to SOV-8.")]
    [NameFormat("^SOV-[1-8]$", "SOV-1 to SOV-8")]
    public required string Objective { get; init; }

    [Description("Least level, 1 to 4.")]
    [Range(1, 4)]
    public required int Level { get; init; }
}
