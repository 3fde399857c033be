using System.ComponentModel;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>Keeps work inside listed jurisdictions, by the country the building stands in.</summary>
[FileCase("residency")]
public sealed record ResidencyRule : LawRule
{
    [Description("Countries or groups the site must lie in; one is enough.")]
    public Seq<JurisdictionId> Allow { get; init; }

    [Description("Countries or groups the site must not lie in.")]
    public Seq<JurisdictionId> Deny { get; init; }

    public override string Reason => ReasonCode.Residency;

    public override LawFinding Judge(LawCase at)
    {
        var (fleet, country) = (at.Fleet, at.Country);
        foreach (var denied in Deny)
        {
            if (fleet.LiesIn(country, denied))
                return new(false, $"the site stands in {country}, which lies in {denied}");
        }

        if (Allow.Count == 0 || Allow.Any(allowed => fleet.LiesIn(country, allowed)))
            return new(true, $"the site stands in {country}");
        return new(false, $"the site stands in {country}, outside {string.Join(", ", Allow)}");
    }

    public override PoolSet Compile(LawIndex index, LawSubject subject)
    {
        var allowed = Allow.Count == 0 ? index.All : index.AnyOf(Allow, index.InJurisdiction);
        return allowed.Except(index.AnyOf(Deny, index.InJurisdiction));
    }

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (Allow.Count == 0 && Deny.Count == 0)
            yield return new("policy-blank", path, "a residency rule needs allow or deny; blank never means allow");
        foreach (var problem in RuleChecks.Jurisdictions(fleet, Allow, $"{path}.allow")) yield return problem;
        foreach (var problem in RuleChecks.Jurisdictions(fleet, Deny, $"{path}.deny")) yield return problem;
        foreach (var both in Allow.Where(allowed => allowed.Value is not null && Deny.Contains(allowed)))
            yield return new("rule-conflict", path, $"{both} is both allowed and denied");
    }

    public override bool IsImpliedBy(PolicyRule other, Fleet fleet) => other is ResidencyRule stricter
        && (Allow.Count == 0
            || (stricter.Allow.Count > 0
                && stricter.Allow.All(inner => Allow.Any(outer => fleet.LiesIn(inner, outer)))))
        && Deny.All(inner => stricter.Deny.Any(outer => fleet.LiesIn(inner, outer)));
}
