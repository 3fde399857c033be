using System.ComponentModel;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>Demands assurance schemes that are claimed, with evidence, on the day of the decision.</summary>
[FileCase("certification")]
public sealed record CertificationRule : LawRule
{
    [Description("Schemes of which one must hold.")]
    public Seq<string> AnyOf { get; init; }

    [Description("Schemes that must all hold.")]
    public Seq<string> AllOf { get; init; }

    [Description("true counts only claims that name a source; those that are assumed do not count.")]
    public bool SourcedOnly { get; init; }

    public override string Reason => ReasonCode.Certification;

    public override LawFinding Judge(LawCase at)
    {
        var (cluster, asOf) = (at.Cluster, at.AsOf);
        foreach (var scheme in AllOf)
        {
            if (!Holds(cluster, scheme, asOf)) return new(false, Missing(cluster, scheme));
        }

        if (AnyOf.Count == 0) return new(true, $"holds {string.Join(", ", AllOf)}");
        foreach (var scheme in AnyOf)
        {
            if (Holds(cluster, scheme, asOf)) return new(true, $"holds {scheme}");
        }

        return new(false, $"holds none of {string.Join(", ", AnyOf)}");
    }

    public override PoolSet Compile(LawIndex index, LawSubject subject)
    {
        Func<string, PoolSet> certified = SourcedOnly ? index.CertifiedBySource : index.Certified;
        var allowed = AnyOf.Count == 0 ? index.All : index.AnyOf(AnyOf, certified);
        foreach (var scheme in AllOf) allowed = allowed.And(certified(scheme));
        return allowed;
    }

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (AnyOf.Count == 0 && AllOf.Count == 0)
            yield return new(
                "policy-blank", path, "a certification rule needs anyOf or allOf; blank never means allow");
        foreach (var problem in RuleChecks.Schemes(fleet, AnyOf, $"{path}.anyOf")) yield return problem;
        foreach (var problem in RuleChecks.Schemes(fleet, AllOf, $"{path}.allOf")) yield return problem;
    }

    public override bool IsImpliedBy(PolicyRule other, Fleet fleet)
    {
        if (other is not CertificationRule stricter || (SourcedOnly && !stricter.SourcedOnly)) return false;
        var anyHolds = AnyOf.Count == 0 || stricter.AllOf.Any(AnyOf.Contains)
            || (stricter.AnyOf.Count > 0 && stricter.AnyOf.All(AnyOf.Contains));
        return anyHolds && AllOf.All(scheme => stricter.AllOf.Contains(scheme) || stricter.AnyOf == [scheme]);
    }

    private bool Holds(FleetCluster cluster, string scheme, DateTimeOffset asOf) =>
        cluster.Claims
            .Any(claim => IsAbout(claim, scheme) && claim.HoldsAt(asOf) && !(SourcedOnly && claim.Evidence.Assumed));

    private string Missing(FleetCluster cluster, string scheme)
    {
        if (SourcedOnly && cluster.Claims.Any(claim => IsAbout(claim, scheme) && claim.Evidence.Assumed))
            return $"{scheme} is assumed and no source is named";
        var last = cluster.Claims.Where(claim => IsAbout(claim, scheme)).Max(claim => claim.ValidTo);
        return last is { } day
            ? string.Create(
                System.Globalization.CultureInfo.InvariantCulture, $"{scheme} is claimed until {day:yyyy-MM-dd} only")
            : $"{scheme} is not claimed on that day";
    }

    private static bool IsAbout(Claim claim, string scheme) =>
        claim.Kind == ClaimKind.Certification && claim.Scheme == scheme;
}
