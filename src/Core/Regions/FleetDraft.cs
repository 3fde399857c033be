using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>All files of a fleet as far as each could be bound; what the checks across files look at.</summary>
internal sealed class FleetDraft
{
    public required FileDraft<AcceleratorCatalog>? Accelerators { get; init; }
    public required FileDraft<CellSpec>? Cell { get; init; }
    public required FileDraft<InstanceTypeCatalog>? InstanceTypes { get; init; }
    public required FileDraft<JurisdictionCatalog>? Jurisdictions { get; init; }
    public required FileDraft<LegalEntityCatalog>? LegalEntities { get; init; }
    public required FileDraft<ProviderRegionCatalog>? ProviderRegions { get; init; }
    public required FileDraft<SourceCatalog>? Sources { get; init; }
    public required IReadOnlyList<FileDraft<RegionSpec>> Regions { get; init; }

    /// <summary>Every file, catalogues first.</summary>
    public IEnumerable<FileDraft> Files =>
        new FileDraft?[] { Accelerators, Cell, InstanceTypes, Jurisdictions, LegalEntities, ProviderRegions, Sources }
            .OfType<FileDraft>()
            .Concat(Regions);

    /// <summary>The outermost records of the region files.</summary>
    public IEnumerable<FilePart<RegionSpec>> Roots => Regions.SelectMany(file => file.Root());

    /// <summary>All records of one type in all files.</summary>
    public IEnumerable<FilePart<T>> All<T>() where T : class => Files.SelectMany(file => file.All<T>());

    /// <summary>Ids of all regions.</summary>
    public KnownNames RegionNames() =>
        new(
            Regions.All(file => file.Positions.IsBound("region")),
            [.. Roots.Where(part => part.Holds("region")).Select(part => part.Item.Region.Value)]);
}

/// <summary>Names that may be referred to, and whether they are all known.</summary>
internal sealed class KnownNames(bool complete, IReadOnlyList<string> names)
{
    private readonly HashSet<string> set = new(names, StringComparer.Ordinal);

    /// <summary>Names of one kind that a catalogue declares.</summary>
    public static KnownNames In<TPart>(FileDraft? catalog, string field, Func<TPart, string> name)
        where TPart : class =>
        catalog is null
            ? new KnownNames(true, [])
            // A file that cannot be read at all may hold any name, so references to its names are not judged.
            : new KnownNames(
                catalog.Positions.IsGiven(""),
                [.. catalog.All<TPart>().Where(part => part.Holds(field)).Select(part => name(part.Item))]);

    public bool Misses(string name) => complete && !set.Contains(name);

    public IReadOnlyList<string> Names => names;
}
