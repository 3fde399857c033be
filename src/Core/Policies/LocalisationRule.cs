using System.ComponentModel;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Keeps data and every copy of it inside listed jurisdictions. A request that does not declare its copies is kept
/// out: one without copies says so with an empty list.
/// </summary>
[FileCase("localisation")]
public sealed record LocalisationRule : LawRule
{
    [Description("Countries or groups that the site and every copy must lie in.")]
    public Seq<JurisdictionId> Allow { get; init; }

    public override string Reason => ReasonCode.Localisation;

    public override bool LooksAtSubject => true;

    public override LawFinding Judge(LawCase at)
    {
        if (!IsInside(at.Fleet, at.Country))
            return new(false, $"the site stands in {at.Country}, outside {string.Join(", ", Allow)}");
        if (at.Subject.DataCopies is not { } copies)
            return new(false, "the request does not declare dataCopies; [] says that there are none");
        foreach (var copy in copies)
        {
            if (at.Fleet.FindRegion(copy) is not { } region)
                return new(false, $"region {copy}, which holds a copy, is not declared");
            foreach (var site in region.Spec.Sites)
            {
                if (!IsInside(at.Fleet, site.Country))
                    return new(false, $"{copy} holds a copy and {site.Site} of it stands in {site.Country}, outside "
                    + $"{string.Join(", ", Allow)}");
            }
        }

        return new(true,
            $"the site stands in {at.Country} and {copies.Count} other copies lie inside {string.Join(", ", Allow)}");
    }

    public override PoolSet Compile(LawIndex index, LawSubject subject)
    {
        var inside = index.AnyOf(Allow, index.InJurisdiction);
        var copiesInside = subject.DataCopies is { } copies && copies.All(copy => index.SitesOf(copy) is { } countries
            && countries.All(country => index.LiesInAny(country, Allow)));
        return copiesInside ? inside : index.None;
    }

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (Allow.Count == 0)
            yield return new(
                "policy-blank", $"{path}.allow", "a localisation rule needs allow; blank never means allow");
        foreach (var problem in RuleChecks.Jurisdictions(fleet, Allow, $"{path}.allow")) yield return problem;
    }

    public override bool IsImpliedBy(PolicyRule other, Fleet fleet) =>
        other is LocalisationRule stricter
            && stricter.Allow.All(inner => Allow.Any(outer => fleet.LiesIn(inner, outer)));

    private bool IsInside(Fleet fleet, JurisdictionId country) => Allow.Any(allowed => fleet.LiesIn(country, allowed));
}
