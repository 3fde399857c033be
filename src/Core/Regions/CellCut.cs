namespace ControlPlane.Regions;

/// <summary>
/// Leaves of a fleet what one cell decides for. Regions of others stay known by name, jurisdiction, links and the
/// countries of their sites, because law looks at them; they have no sites, clusters or pools to decide for.
/// </summary>
internal static class CellCut
{
    /// <summary>A cell without a region would decide nothing.</summary>
    public static IEnumerable<Problem> Problems(FleetDraft draft)
    {
        if (draft.Cell is not { Value: { } cell } file) return [];
        var parents = draft.Jurisdictions?.Value?.Jurisdictions.ToDictionary(item => item.Id, item => item.MemberOf);
        return draft.Roots.Any(region => LiesInAny(region.Item.Jurisdiction))
            ? []
            : [file.ProblemAt("region-unknown", "jurisdictions", "hold no declared region")];

        bool LiesInAny(JurisdictionId inner) => cell.Jurisdictions.Contains(inner)
            || (parents is not null && parents.TryGetValue(inner, out var outer) && outer.Any(LiesInAny));
    }

    public static Fleet Of(Fleet whole, CellSpec? cell) => cell is null
        ? whole
        : new Fleet(
            whole.Catalog,
            whole.Regions.Select(region =>
                region.Spec with { IsAbroad = !cell.Holds(whole, region.Spec.Jurisdiction) }))
        {
            Cell = cell, Whole = whole, ClaimPlaces = whole.ClaimPlaces,
        };
}
