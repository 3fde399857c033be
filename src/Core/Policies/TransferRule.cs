using System.ComponentModel;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Lets personal data go to another country only on a legal basis that is on file, accepted and valid on the day; the
/// site and every declared copy count. Inside one legal area nothing is transferred.
/// </summary>
[FileCase("transfer")]
public sealed record TransferRule : LawRule
{
    [Description(
        "Jurisdiction the data comes from, whatever the request says; the request's dataOrigin when left out.")]
    public JurisdictionId? From { get; init; }

    [Description("Bases that are good enough: adequacy, adequacyPartial, contractClauses.")]
    public Seq<TransferBasisKind> Accept { get; init; }

    public override string Reason => ReasonCode.Transfer;

    public override bool LooksAtSubject => true;

    public override LawFinding Judge(LawCase at)
    {
        if ((From ?? at.Subject.DataOrigin) is not { } origin)
            return new(false, "the request does not declare dataOrigin");
        foreach (var country in Destinations(at))
        {
            if (country is not { } to) return new(false, "a region that holds a copy is not declared");
            if (Refusal(at, origin, to) is { } why) return new(false, why);
        }

        return new(true, $"data of {origin} may be in {at.Country}");
    }

    public override PoolSet Compile(LawIndex index, LawSubject subject)
    {
        if ((From ?? subject.DataOrigin) is not { } origin) return index.None;
        foreach (var copy in subject.DataCopies ?? [])
        {
            if (index.SitesOf(copy) is not { } countries || !countries.All(IsOpen)) return index.None;
        }

        return index.Countries.Where(IsOpen)
            .Aggregate(index.None, (sum, country) => sum.Or(index.InJurisdiction(country)));

        bool IsOpen(JurisdictionId country) => index.LiesInAny(country, [origin])
            || index.BasesBetween(origin, country)
                .Any(kind => kind == TransferBasisKind.IntraGroup || Accept.Contains(kind));
    }

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (Accept.Count == 0)
            yield return new("policy-blank", $"{path}.accept", "a transfer rule needs accept; blank never means allow");
        if (Accept.Contains(TransferBasisKind.None))
            yield return new(
                "policy-blank", $"{path}.accept", "none is no basis; a rule that accepts it demands nothing");
        if (From is { } from)
        {
            foreach (var problem in RuleChecks.Jurisdictions(fleet, [from], $"{path}.from"))
                yield return problem with { Path = $"{path}.from" };
        }
    }

    public override bool IsImpliedBy(PolicyRule other, Fleet fleet) =>
        other is TransferRule stricter && stricter.From == From && stricter.Accept.All(Accept.Contains);

    /// <summary>Countries the data would be in; null stands for a region that is not declared.</summary>
    private static IEnumerable<JurisdictionId?> Destinations(LawCase at)
    {
        yield return at.Country;
        foreach (var copy in at.Subject.DataCopies ?? [])
        {
            if (at.Fleet.FindRegion(copy) is not { } region) yield return null;
            else
            {
                foreach (var site in region.Spec.Sites) yield return site.Country;
            }
        }
    }

    private string? Refusal(LawCase at, JurisdictionId origin, JurisdictionId country)
    {
        if (at.Fleet.LiesIn(country, origin)) return null;
        var onFile = TransferBases.Between(at.Fleet, origin, country).ToList();
        var valid = onFile.FindAll(basis => basis.HoldsAt(at.AsOf));
        if (valid.Exists(basis => basis.Basis == TransferBasisKind.IntraGroup || Accept.Contains(basis.Basis)))
            return null;
        var why = (onFile.Count, valid.Count) switch
        {
            (0, _) => "no transfer basis is on file",
            (_, 0) => "no transfer basis is valid on that day",
            _ => $"the basis is "
            + $"{string.Join(", ", valid.Select(basis => FileShapes.NameOf(basis.Basis.ToString())).Distinct())}",
        };
        return $"from {origin} to {country} {why}; accepted are "
        + $"{string.Join(", ", Accept.Select(kind => FileShapes.NameOf(kind.ToString())))}";
    }
}
