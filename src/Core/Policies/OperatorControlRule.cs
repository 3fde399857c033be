using System.ComponentModel;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Keeps out places whose controllers can be compelled by the wrong state. Controllers are the operator of the region,
/// the operator and provider of the cluster, and the parents of each up to the ultimate one.
/// </summary>
[FileCase("operatorControl")]
public sealed record OperatorControlRule : LawRule
{
    [Description("Laws that must not reach any controller nor the country of the site.")]
    public Seq<AccessLawId> DenyAccessLaws { get; init; }

    [Description("Countries or groups in which every controller must have its legal seat.")]
    public Seq<JurisdictionId> SeatsIn { get; init; }

    public override string Reason => ReasonCode.OperatorControl;

    public override LawFinding Judge(LawCase at)
    {
        var (fleet, cluster) = (at.Fleet, at.Cluster);
        foreach (var law in DenyAccessLaws)
        {
            if (AccessLaws.WhyReached(fleet, cluster, law) is { } why) return new(false, why);
        }

        foreach (var controller in cluster.Controllers)
        {
            if (SeatsIn.Count > 0 && !SeatsIn.Any(seat => fleet.LiesIn(controller.Seat, seat)))
                return new(false,
                    $"{controller.Name} has its seat in {controller.Seat}, outside {string.Join(", ", SeatsIn)}");
        }

        return new(true,
            $"controlled by {string.Join(", ", cluster.Controllers.Select(item => $"{item.Name} ({item.Seat})"))}");
    }

    public override PoolSet Compile(LawIndex index, LawSubject subject)
    {
        var allowed = index.All.Except(index.AnyOf(DenyAccessLaws, index.ReachedBy));
        return SeatsIn.Count == 0 ? allowed : allowed.And(index.AllControllersIn(SeatsIn));
    }

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (DenyAccessLaws.Count == 0 && SeatsIn.Count == 0)
            yield return new("policy-blank", path,
                "an operator control rule needs denyAccessLaws or seatsIn; blank never means allow");
        foreach (var problem in RuleChecks.Jurisdictions(fleet, SeatsIn, $"{path}.seatsIn")) yield return problem;
        foreach (var problem in RuleChecks.AccessLaws(fleet, DenyAccessLaws, $"{path}.denyAccessLaws"))
            yield return problem;
    }

    public override bool IsImpliedBy(PolicyRule other, Fleet fleet) => other is OperatorControlRule stricter
        && DenyAccessLaws.All(stricter.DenyAccessLaws.Contains)
        && (SeatsIn.Count == 0
            || (stricter.SeatsIn.Count > 0
                && stricter.SeatsIn.All(inner => SeatsIn.Any(outer => fleet.LiesIn(inner, outer)))));
}
