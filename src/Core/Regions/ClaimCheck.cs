using System.Globalization;
using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>
/// Finds claims that lack what their kind needs, carry what belongs to another kind, or end before they begin.
/// </summary>
internal static class ClaimCheck
{
    private static readonly Seq<(ClaimKind Kind, string Field)> Fields =
    [
        (ClaimKind.Certification, "scheme"),
        (ClaimKind.KeyCustody, "custody"),
        (ClaimKind.Personnel, "jurisdictions"),
        (ClaimKind.Seal, "objective"),
        (ClaimKind.Seal, "level"),
    ];

    public static IEnumerable<Problem> Find(FleetDraft draft)
    {
        var schemes = SchemesOf(draft);
        return draft.All<Claim>().SelectMany(claim => Form(claim).Concat(Dates(claim)).Concat(Scheme(claim, schemes)));
    }

    private static IEnumerable<Problem> Form(FilePart<Claim> claim) =>
        claim.Holds("kind") ? Fields.Select(field => Belongs(claim, field.Kind, field.Field)).OfType<Problem>() : [];

    private static Problem? Belongs(FilePart<Claim> claim, ClaimKind kind, string field)
    {
        var given = claim.Gives(field);
        var empty = field == "jurisdictions" && claim.Holds(field) && claim.Item.Jurisdictions.Count == 0;
        var actual = FileShapes.NameOf(claim.Item.Kind.ToString());
        if (claim.Item.Kind == kind && (!given || empty))
            return claim.Problem("claim-incomplete", field, $"is missing; a claim of kind {actual} needs it");
        return claim.Item.Kind != kind && given
            ? claim.Problem("claim-incomplete", field, $"does not belong to a claim of kind {actual}")
            : null;
    }

    private static IEnumerable<Problem> Dates(FilePart<Claim> claim)
    {
        if (!claim.Holds("validFrom", "validTo") || claim.Item.ValidTo is not { } last) yield break;
        var first = claim.Item.ValidFrom;
        if (last >= first) yield break;
        yield return claim.Problem("claim-period", "validTo", $"is {Show(last)}, before {Show(first)}");
    }

    private static IEnumerable<Problem> Scheme(FilePart<Claim> claim, KnownNames schemes)
    {
        if (claim.Item.Scheme is not { } scheme || !claim.Holds("scheme") || !schemes.Misses(scheme)) yield break;
        yield return claim.Problem(
            "scheme-unknown",
            "scheme",
            $"is \"{scheme}\", which no jurisdiction of the catalogue lists{NearestName.Hint(scheme, schemes.Names)}");
    }

    private static KnownNames SchemesOf(FleetDraft draft)
    {
        var complete = draft.Jurisdictions is null || draft.Jurisdictions.Positions.IsGiven("");
        var international = draft.Jurisdictions?.Value?.InternationalSchemes ?? [];
        var national = draft.All<Jurisdiction>().SelectMany(item => item.Item.AssuranceSchemes);
        return new KnownNames(complete, [.. international.Concat(national).OfType<string>()]);
    }

    private static string Show(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
