using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Keeps what a site draws below its contract, or below a figure. Everything that runs at the site counts; requests
/// the policy matches stop at the cap.
/// </summary>
[FileCase("powerCap")]
public sealed record PowerCapRule : CapacityRule
{
    [Description("Percent of the contracted facility power, 1 to 99.")]
    [Range(1, 99)]
    public int? PercentOfContract { get; init; }

    [Description("Facility power in megawatts.")]
    [Range(0.001, 20_000)]
    public decimal? Megawatts { get; init; }

    [Description("Sites that are capped; all when left out.")]
    public Seq<SiteId> Sites { get; init; }

    [Description("Requests of at least this priority are not capped.")]
    [Range(1, 1000)]
    public int? OpenFromPriority { get; init; }

    public bool Covers(SiteId site, int priority) =>
        (Sites.Count == 0 || Sites.Contains(site)) && !(OpenFromPriority is { } open && priority >= open);

    /// <summary>Facility power that the site may draw under the rule, in milliwatts.</summary>
    public long LimitMilliwatts(long contractMilliwatts) => Math.Min(
        PercentOfContract is { } percent ? contractMilliwatts / 100 * percent : contractMilliwatts,
        Megawatts is { } megawatts ? (long)(megawatts * 1_000_000_000m) : contractMilliwatts);

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (PercentOfContract is null && Megawatts is null)
            yield return new(
                "policy-blank", path, "a power cap needs percentOfContract or megawatts; blank never means allow");
        foreach (var problem in RuleChecks.Sites(fleet, Sites, $"{path}.sites")) yield return problem;
    }
}
