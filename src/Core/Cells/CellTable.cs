using System.Text.Json;
using ControlPlane.Failover;
using ControlPlane.Regions;

namespace ControlPlane.Cells;

/// <summary>What the directory knows: its cells, what each reported last, and how long ago.</summary>
public sealed record CellTable
{
    public const int MostBytes = 16 << 20;

    public static CellTable Empty { get; } = new() { Form = CellReport.NewestForm, Cells = [] };

    public required int Form { get; init; }

    /// <summary>Ordered by id.</summary>
    public required Seq<ListedCell> Cells { get; init; }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, AgentJson.Options);

    /// <summary>
    /// Reads what a directory answered; null when something in it may not be there. A directory is believed no more
    /// than a cell is.
    /// </summary>
    public static CellTable? Read(ReadOnlySpan<byte> bytes, Fleet catalogue)
    {
        if (bytes.Length > MostBytes) return null;
        try
        {
            var table = JsonSerializer.Deserialize<CellTable>(bytes, AgentJson.Options);
            return table is { Form: CellReport.NewestForm } && table.Cells.All(cell => cell.IsSound(catalogue))
                ? table
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Cells that have room of a shape at some open site, and of each only those sites.</summary>
    public CellTable With(CellShape shape) => this with
    {
        Cells = Cells
            .Select(cell => cell with
            {
                Report = cell.Report is { } report
                    ? report with { Sites = report.Sites.Where(shape.Fits).ToSeq() }
                    : null,
            })
            .Where(cell => cell.Report is { Sites.Count: > 0 })
            .ToSeq(),
    };
}

/// <summary>One cell as the directory lists it.</summary>
public sealed record ListedCell
{
    private const int LongestUrl = 200;

    public required CellId Cell { get; init; }

    public required Seq<JurisdictionId> Jurisdictions { get; init; }

    /// <summary>Where callers ask the cell themselves, as the directory's own file says.</summary>
    public required Uri Url { get; init; }

    /// <summary>Whole seconds since it reported; null when it never did.</summary>
    public long? AgeSeconds { get; init; }

    public CellReport? Report { get; init; }

    internal bool IsSound(Fleet catalogue) =>
        Url is { IsAbsoluteUri: true, Scheme: "https" or "http", OriginalString.Length: <= LongestUrl }
        && Jurisdictions.All(id => id.Value is not null && catalogue.FindJurisdiction(id) is not null)
        && AgeSeconds is null or >= 0
        && (Report is null || !CellReportCheck.Find(
            Report, new CellSpec { Cell = Cell, Jurisdictions = Jurisdictions }, catalogue).Any());
}

/// <summary>
/// Asks for cells with so many free of a model at a site, and so many of them on one node: numbers, no names.
/// </summary>
public sealed record CellShape(SkuId? Sku, long Free, long Largest)
{
    internal bool Fits(CellSite site) => site.Open && site.Skus.Any(sku =>
        (Sku is null || sku.Sku == Sku) && sku.Free >= Free && sku.Largest >= Largest);
}
