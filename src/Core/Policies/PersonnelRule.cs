using System.ComponentModel;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Demands a valid claim that everyone with privileged access resides in listed jurisdictions. Where claims differ the
/// widest counts.
/// </summary>
[FileCase("personnel")]
public sealed record PersonnelRule : LawRule
{
    [Description("Countries or groups in which everyone with privileged access must reside.")]
    public Seq<JurisdictionId> ResideIn { get; init; }

    public override string Reason => ReasonCode.Personnel;

    public override LawFinding Judge(LawCase at)
    {
        var claims = at.Cluster.Claims
            .Where(claim => claim.Kind == ClaimKind.Personnel && claim.HoldsAt(at.AsOf)).ToList();
        if (claims.Count == 0)
            return new(false, "where people with privileged access reside is not claimed on that day");
        foreach (var home in claims.SelectMany(claim => claim.Jurisdictions))
        {
            if (!ResideIn.Any(allowed => at.Fleet.LiesIn(home, allowed)))
                return new(false,
                    $"people with privileged access may reside in {home}, outside {string.Join(", ", ResideIn)}");
        }

        return new(true, $"people with privileged access reside in "
        + $"{string.Join(", ", claims.SelectMany(claim => claim.Jurisdictions).Distinct())}");
    }

    public override PoolSet Compile(LawIndex index, LawSubject subject) => index.StaffedFrom(ResideIn);

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (ResideIn.Count == 0)
            yield return new(
                "policy-blank", $"{path}.resideIn", "a personnel rule needs resideIn; blank never means allow");
        foreach (var problem in RuleChecks.Jurisdictions(fleet, ResideIn, $"{path}.resideIn")) yield return problem;
    }

    public override bool IsImpliedBy(PolicyRule other, Fleet fleet) =>
        other is PersonnelRule stricter
            && stricter.ResideIn.All(inner => ResideIn.Any(outer => fleet.LiesIn(inner, outer)));
}
