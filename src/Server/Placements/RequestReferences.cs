using System.Globalization;
using System.Text.RegularExpressions;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Placements;

/// <summary>
/// Reads what refers to the declared fleet or to the day: whether it is there can change from day to day.
/// </summary>
internal sealed partial class RequestReferences(Fleet fleet, DateTimeOffset now, Complaints wrong)
{
    private const int MostNamed = 8;

    /// <summary>What is wrong today.</summary>
    public Complaints OfTheDay { get; } = new();

    public Seq<JurisdictionId> Residency(FieldReader fields)
    {
        var written = fields.Texts("residency", RequestLimits.MostListEntries);
        RefuseEmpty(
            fields, "residency", ProblemCatalog.ResidencyEmpty,
            "is empty, which does not mean anywhere; leave it out for that");
        return Distinct(written.Where(CheckJurisdiction).Select(item => new JurisdictionId(item.Text)));
    }

    public Seq<AccessLawId> AccessLaws(FieldReader fields)
    {
        var written = fields.Texts("excludeAccessLaws", RequestLimits.MostListEntries);
        return Distinct(written.Where(CheckAccessLaw).Select(item => new AccessLawId(item.Text)));
    }

    public (Seq<RegionId> Allow, Seq<RegionId> Deny) Regions(FieldReader fields, Complaints problems)
    {
        if (fields.Object("regions") is not { } node) return ([], []);
        var inner = new FieldReader(node, problems);
        var allow = inner.Texts("allow", RequestLimits.MostListEntries);
        var deny = inner.Texts("deny", RequestLimits.MostListEntries);
        RefuseEmpty(
            inner, "allow", ProblemCatalog.RegionsEmpty,
            "is empty, which does not mean anywhere; leave it out for that");
        inner.Finish();
        return (RegionsOf(allow), RegionsOf(deny));
    }

    public RegionId? HomeRegion(FieldReader fields) =>
        fields.Text("homeRegion", required: false) is { } text && CheckRegion(text) ? new RegionId(text.Text) : null;

    /// <summary>One jurisdiction; null when the member is left out.</summary>
    public JurisdictionId? Jurisdiction(FieldReader fields, string name) =>
        fields.Text(name, required: false) is { } text && CheckJurisdiction(text)
            ? new JurisdictionId(text.Text)
            : null;

    /// <summary>Null when the member is left out; an empty list says that there is no copy.</summary>
    public Seq<RegionId>? DataCopies(FieldReader fields)
    {
        var written = fields.Texts("dataCopies", RequestLimits.MostListEntries);
        return fields.Has("dataCopies") ? RegionsOf(written) : null;
    }

    /// <summary>Datasets of the request's tenant; what others have is as unknown as what nobody has.</summary>
    public Seq<DatasetId> Datasets(FieldReader fields, string? tenant)
    {
        var written = fields.Texts("datasets", RequestLimits.MostListEntries);
        return Distinct(written.Where(item => CheckDataset(item, tenant)).Select(item => new DatasetId(item.Text)));
    }

    /// <summary>Regions in which datasets are kept; null when there are none.</summary>
    public Seq<RegionId>? CopiesOf(Seq<DatasetId> datasets) => datasets.Count == 0 ? null : datasets
        .SelectMany(id => fleet.FindDataset(id)?.Places ?? [])
        // By what is declared, since a cell knows no sites of regions abroad.
        .SelectMany(site => fleet.Regions.Where(region => region.Spec.Sites.Any(item => item.Site == site)))
        .Select(region => region.Id)
        .Distinct().Order().ToSeq();

    public Seq<SkuId> Skus(FieldReader fields, Complaints problems)
    {
        var written = fields.Texts("skus", RequestLimits.MostListEntries);
        RefuseEmpty(fields, "skus", ProblemCatalog.TooFew, "is empty; leave it out when any model will do");
        return Distinct(written.Where(CheckSku).Select(item => new SkuId(item.Text)));
    }

    /// <summary>An instant that is still to come, in UTC.</summary>
    public DateTimeOffset? Deadline(FieldReader fields)
    {
        if (fields.Text("deadline", required: false) is not { } text) return null;
        if (!TryParse(text.Text, out var deadline))
        {
            wrong.Add(ProblemCatalog.TimeFormat.At(text.Pointer,
                "must be a time with its offset as RFC 3339 writes it, such as 2027-01-01T00:00:00Z, is "
                    + $"'{Shown.Text(text.Text)}'"));
            return null;
        }

        if (deadline <= now)
            OfTheDay.Add(ProblemCatalog.TimePast.At(
                text.Pointer,
                $"must be later than the time of the server, {now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"));
        return deadline.ToUniversalTime();
    }

    private static bool TryParse(string text, out DateTimeOffset instant)
    {
        instant = default;
        return TimeShape().IsMatch(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant);
    }

    [GeneratedRegex(
        @"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?(Z|[+-][0-9]{2}:[0-9]{2})\z")]
    private static partial Regex TimeShape();

    private static void RefuseEmpty(FieldReader fields, string name, ProblemKind kind, string message)
    {
        if (fields.IsEmptyList(name)) fields.Complain(kind, name, message);
    }

    private Seq<RegionId> RegionsOf(List<BodyText> written) =>
        Distinct(written.Where(CheckRegion).Select(item => new RegionId(item.Text)));

    // Unknown references stay in the request: a request that was decided when they were known is still the same
    // request.
    private bool CheckJurisdiction(BodyText item)
    {
        if (item.Text.Length > RequestLimits.LongestReference) return TooLong(item);
        if (fleet.FindJurisdiction(new(item.Text)) is not null) return true;
        var known = fleet.Catalog.Jurisdictions.Select(jurisdiction => jurisdiction.Id.Value).ToList();
        var meant = Iso.CodeMeant(item.Text)
            ?? known.Find(code => code.Equals(item.Text, StringComparison.OrdinalIgnoreCase));
        var hint = meant switch
        {
            null => NearestName.Hint(item.Text, known),
            _ when meant.Equals(item.Text, StringComparison.OrdinalIgnoreCase) => $"; codes are upper case: '{meant}'",
            _ => $"; did you mean '{meant}'?",
        };
        OfTheDay.Add(ProblemCatalog.CountryUnknown.At(
            item.Pointer, $"is no known jurisdiction: '{Shown.Text(item.Text)}'{hint}"));
        return true;
    }

    private bool CheckAccessLaw(BodyText item)
    {
        if (item.Text.Length > RequestLimits.LongestReference) return TooLong(item);
        var known = fleet.Catalog.Jurisdictions.SelectMany(jurisdiction => jurisdiction.AccessLaws)
            .Select(law => law.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (!known.Contains(item.Text, StringComparer.Ordinal))
            Unknown(ProblemCatalog.AccessLawUnknown, "access law", item, known);
        return true;
    }

    private bool CheckRegion(BodyText item)
    {
        if (item.Text.Length > RequestLimits.LongestReference) return TooLong(item);
        if (fleet.FindRegion(new(item.Text)) is null)
            Unknown(ProblemCatalog.RegionUnknown, "region", item, [.. fleet.Regions.Select(region => region.Id.Value)]);
        return true;
    }

    private bool CheckDataset(BodyText item, string? tenant)
    {
        if (item.Text.Length > RequestLimits.LongestReference) return TooLong(item);
        var own = fleet.Datasets.Where(dataset => dataset.Tenant.Value == tenant).ToList();
        if (own.TrueForAll(dataset => dataset.Dataset.Value != item.Text))
            Unknown(
                ProblemCatalog.DatasetUnknown, "dataset of the tenant", item,
                [.. own.Select(dataset => dataset.Dataset.Value)]);
        return true;
    }

    private bool CheckSku(BodyText item)
    {
        if (item.Text.Length > RequestLimits.LongestReference) return TooLong(item);
        if (fleet.FindSku(new(item.Text)) is null)
            Unknown(ProblemCatalog.AcceleratorUnknown, "sku", item, [.. fleet.Skus.Select(sku => sku.Id.Value)]);
        return true;
    }

    private void Unknown(ProblemKind kind, string noun, BodyText item, List<string> known)
    {
        var hint = NearestName.Hint(item.Text, known);
        if (hint.Length == 0 && known.Count > 0)
        {
            var more = known.Count > MostNamed ? $" and {known.Count - MostNamed} more" : "";
            hint = $"; known are {string.Join(", ", known.Take(MostNamed))}{more}";
        }

        OfTheDay.Add(kind.At(item.Pointer, $"is no known {noun}: '{Shown.Text(item.Text)}'{hint}"));
    }

    private bool TooLong(BodyText item)
    {
        wrong.Add(ProblemCatalog.TooLong.At(item.Pointer,
            $"has {item.Text.Length} letters; the limit is {RequestLimits.LongestReference}"));
        return false;
    }

    private static Seq<T> Distinct<T>(IEnumerable<T> ids) where T : IComparable<T> => ids.Distinct().Order().ToSeq();
}
