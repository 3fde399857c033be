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
        var allowed = AnyOf.Count == 0 ? index.All : index.AnyOf(AnyOf, index.Certified);
        foreach (var scheme in AllOf) allowed = allowed.And(index.Certified(scheme));
        return allowed;
    }

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (AnyOf.Count == 0 && AllOf.Count == 0)
            yield return new("policy-blank", path, "a certification rule needs anyOf or allOf; blank never means allow");
        foreach (var problem in RuleChecks.Schemes(fleet, AnyOf, $"{path}.anyOf")) yield return problem;
        foreach (var problem in RuleChecks.Schemes(fleet, AllOf, $"{path}.allOf")) yield return problem;
    }

    private static bool Holds(FleetCluster cluster, string scheme, DateTimeOffset asOf) =>
        cluster.Claims.Any(claim => IsAbout(claim, scheme) && claim.HoldsAt(asOf));

    private static string Missing(FleetCluster cluster, string scheme)
    {
        var last = cluster.Claims.Where(claim => IsAbout(claim, scheme)).Max(claim => claim.ValidTo);
        return last is { } day
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{scheme} is claimed until {day:yyyy-MM-dd} only")
            : $"{scheme} is not claimed on that day";
    }

    private static bool IsAbout(Claim claim, string scheme) => claim.Kind == ClaimKind.Certification && claim.Scheme == scheme;
}
