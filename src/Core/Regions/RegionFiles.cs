using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>
/// Turns the texts of <c>regions/</c> into a <see cref="Fleet"/>, or into everything that is wrong with them. The order
/// of files, and of rows inside them, changes nothing.
/// </summary>
public static class RegionFiles
{
    internal const string Folder = "regions/";
    internal const string Accelerators = "regions/catalog/accelerators.yaml";
    /// <summary>Says which cell it is, where there are several.</summary>
    public const string Cell = "regions/cell.yaml";

    internal const string InstanceTypes = "regions/catalog/instance-types.yaml";
    internal const string Jurisdictions = "regions/catalog/jurisdictions.yaml";
    internal const string LegalEntities = "regions/catalog/legal-entities.yaml";
    internal const string ProviderRegions = "regions/catalog/provider-regions.yaml";
    internal const string Sources = "regions/catalog/sources.yaml";

    private static readonly Seq<string> Catalogs =
        [Accelerators, Cell, InstanceTypes, Jurisdictions, LegalEntities, ProviderRegions, Sources];

    /// <summary>Reads, checks and flattens all files. Paths are relative to the tree, with forward slashes.</summary>
    public static Checked<Fleet> Parse(IReadOnlyCollection<SourceFile> files)
    {
        var problems = new List<Problem>();
        var draft = Draft(files.OrderBy(file => file.Path, StringComparer.Ordinal).ToSeq(), problems);
        problems.AddRange(draft.Files.SelectMany(file => file.Problems));
        problems.AddRange(DuplicateCheck.Find(draft));
        problems.AddRange(ReferenceCheck.Find(draft));
        problems.AddRange(CountryCheck.Find(draft));
        problems.AddRange(GroupCheck.Find(draft));
        problems.AddRange(InventoryCheck.Find(draft));
        problems.AddRange(InstanceTypeCheck.Find(draft));
        problems.AddRange(PowerCheck.Find(draft));
        problems.AddRange(EvidenceCheck.Find(draft));
        problems.AddRange(ClaimCheck.Find(draft));
        problems.AddRange(LinkCheck.Find(draft));
        problems.AddRange(DatasetCheck.Find(draft));
        if (problems.Count == 0) problems.AddRange(CellCut.Problems(draft));
        return problems.Count > 0
            ? Checked<Fleet>.Invalid(problems)
            : Checked<Fleet>.Valid(FleetOf(draft));
    }

    private static FleetDraft Draft(Seq<SourceFile> files, List<Problem> problems)
    {
        var regions = new List<FileDraft<RegionSpec>>();
        var catalogs = new Dictionary<string, SourceFile>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (!seen.Add(file.Path)) problems.Add(Misplaced(file, "is given twice"));
            else if (Catalogs.Contains(file.Path)) catalogs.Add(file.Path, file);
            else if (IsRegionPath(file.Path)) regions.Add(YamlBinder.Draft<RegionSpec>(file));
            else problems.Add(Misplaced(file, Expected(file.Path)));
        }

        return new FleetDraft
        {
            Accelerators = Read<AcceleratorCatalog>(catalogs, Accelerators),
            Cell = Read<CellSpec>(catalogs, Cell),
            InstanceTypes = Read<InstanceTypeCatalog>(catalogs, InstanceTypes),
            Jurisdictions = Read<JurisdictionCatalog>(catalogs, Jurisdictions),
            LegalEntities = Read<LegalEntityCatalog>(catalogs, LegalEntities),
            ProviderRegions = Read<ProviderRegionCatalog>(catalogs, ProviderRegions),
            Sources = Read<SourceCatalog>(catalogs, Sources),
            Regions = regions,
        };
    }

    private static FileDraft<T>? Read<T>(Dictionary<string, SourceFile> catalogs, string path) where T : class =>
        catalogs.TryGetValue(path, out var file) ? YamlBinder.Draft<T>(file) : null;

    private static bool IsRegionPath(string path) =>
        path.StartsWith(Folder, StringComparison.Ordinal)
        && path.EndsWith(".yaml", StringComparison.Ordinal)
        && !path.AsSpan(Folder.Length).Contains('/');

    private static Problem Misplaced(SourceFile file, string message) =>
        new("file-unexpected", "", message) { File = file.Path, Line = 1, Column = 1 };

    private static string Expected(string path) =>
        "is neither a region (regions/NAME.yaml) nor a known catalogue" + NearestName.Hint(path, Catalogs);

    private static Fleet FleetOf(FleetDraft draft)
    {
        var catalog = new Catalog
        {
            Accelerators = CanonicalOrder.Of(draft.Accelerators?.Value?.Accelerators ?? []),
            InstanceTypes = CanonicalOrder.Of(draft.InstanceTypes?.Value?.InstanceTypes ?? []),
            Jurisdictions = CanonicalOrder.Of(draft.Jurisdictions?.Value?.Jurisdictions ?? []),
            LegalEntities = CanonicalOrder.Of(draft.LegalEntities?.Value?.LegalEntities ?? []),
            ProviderRegions = CanonicalOrder.Of(draft.ProviderRegions?.Value?.ProviderRegions ?? []),
            Sources = CanonicalOrder.Of(draft.Sources?.Value?.Sources ?? []),
        };
        var specs = draft.Regions.Select(region => CanonicalOrder.Of(region.Value!) with { File = region.Path });
        return CellCut.Of(new Fleet(catalog, specs) { ClaimPlaces = ClaimPlace.Of(draft) }, draft.Cell?.Value);
    }
}
