using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Demands that the inventory of a pool was counted not long ago. A pool whose file names no day of count was never
/// counted as far as anybody can show, and one that is counted only later was not yet.
/// </summary>
[FileCase("freshness")]
public sealed record FreshnessRule : LawRule
{
    [Description("Days for which a count of the installed nodes is believed.")]
    [Range(1, 3_650)]
    public required int WithinDays { get; init; }

    public override string Reason => ReasonCode.Freshness;

    public override LawFinding Judge(LawCase at)
    {
        if (at.Pool.Spec.CountedOn is not { } counted) return new(false, "no day of count is declared");
        var day = DateOnly.FromDateTime(at.AsOf.UtcDateTime);
        if (counted > day) return new(false, Sentence($"counted on {counted:yyyy-MM-dd} only, not yet on that day"));
        var age = day.DayNumber - counted.DayNumber;
        var because = Sentence(
            $"counted on {counted:yyyy-MM-dd}, {age} days before; a count is believed for {WithinDays}");
        return new(age <= WithinDays, because);
    }

    public override PoolSet Compile(LawIndex index, LawSubject subject) => index.CountedWithin(WithinDays);

    public override IEnumerable<Problem> Check(Fleet fleet, string path) => [];

    public override bool IsImpliedBy(PolicyRule other, Fleet fleet) =>
        other is FreshnessRule stricter && stricter.WithinDays <= WithinDays;

    private static string Sentence(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
