using System.Text.Json;
using ControlPlane.Failover;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Cells;

/// <summary>
/// Lets through only what a report may be: the one form, every text a code of the public catalogue or a word of a
/// closed list, every number within its bounds, and the bytes those that the form gives. What is refused is named by
/// its place and never repeated, so that a refusal carries nothing on.
/// </summary>
public static class CellReportCheck
{
    public const int MostBytes = 1 << 20;

    /// <summary>More than any site has; a larger number is a mistake or a message.</summary>
    public const long MostCounted = 100_000_000;

    private const string Slug = "report-refused";

    /// <summary>Reads the report of a cell that decides for these jurisdictions.</summary>
    public static Checked<CellReport> Read(ReadOnlySpan<byte> bytes, CellSpec cell, Fleet catalogue)
    {
        if (bytes.Length > MostBytes) return Refused("", "is longer than a report may be");
        CellReport? report;
        try
        {
            report = JsonSerializer.Deserialize<CellReport>(bytes, AgentJson.Options);
        }
        catch (JsonException)
        {
            return Refused("", "has not the form of a report");
        }

        if (report is null) return Refused("", "has not the form of a report");
        var problems = Find(report, cell, catalogue).ToList();
        if (problems.Count == 0 && !bytes.SequenceEqual(report.Write()))
            problems.Add(Problem("", "is not written as a report is: there is one way to write each"));
        return problems.Count > 0 ? Checked<CellReport>.Invalid(problems) : Checked<CellReport>.Valid(report);
    }

    /// <summary>Everything in a report that may not be there.</summary>
    public static IEnumerable<Problem> Find(CellReport report, CellSpec cell, Fleet catalogue)
    {
        if (report.Form != CellReport.NewestForm) yield return Problem("form", "is not one that is known");
        if (report.Cell != cell.Cell) yield return Problem("cell", "is not the one that sent it");
        if (!IsAscending(report.Sites.Select(site => site.Site.Value)))
            yield return Problem("sites", "are not in order, or one stands there twice");
        for (var index = 0; index < report.Sites.Count; index++)
        {
            foreach (var (field, why) in OfSite(report.Sites[index], cell, catalogue))
                yield return Problem($"sites[{index}].{field}", why);
        }
    }

    private static IEnumerable<(string Field, string Why)> OfSite(CellSite site, CellSpec cell, Fleet catalogue)
    {
        if (site.Site.Value is null || catalogue.FindSite(site.Site) is not { } declared)
        {
            yield return ("site", "is no site of the catalogue");
            yield break;
        }

        if (declared.Region.Id != site.Region) yield return ("region", "is not the region of the site");
        if (!cell.Holds(catalogue, declared.Region.Spec.Jurisdiction))
            yield return ("site", "lies in no jurisdiction of the cell");
        if (!Enum.IsDefined(site.Health)) yield return ("health", "is not one that is known");
        if (!site.Law.All(Enum.IsDefined) || site.Law.Zip(site.Law.Skip(1)).Any(pair => pair.First >= pair.Second))
            yield return ("law", "is not a list of known flags in their order");
        if (!IsWithin(site.FreeKilowatts, site.ContractKilowatts))
            yield return ("freeKilowatts", "is not between none and the contract, or that is out of bounds");
        if (!IsAscending(site.Skus.Select(sku => sku.Sku.Value)))
            yield return ("skus", "are not in order, or one stands there twice");
        for (var index = 0; index < site.Skus.Count; index++)
        {
            foreach (var (field, why) in OfSku(site.Skus[index], catalogue))
                yield return ($"skus[{index}].{field}", why);
        }
    }

    private static IEnumerable<(string Field, string Why)> OfSku(CellSku sku, Fleet catalogue)
    {
        if (sku.Sku.Value is null || (sku.Sku != CellSku.Cpu && catalogue.FindSku(sku.Sku) is null))
            yield return ("sku", "is no model of the catalogue");
        if (!IsWithin(sku.Free, sku.Installed))
            yield return ("free", "is not between none and the installed ones, or those are out of bounds");
        if (!IsWithin(sku.Largest, sku.Free)) yield return ("largest", "is not between none and the free ones");
    }

    private static bool IsWithin(long part, long all) => part >= 0 && part <= all && all <= MostCounted;

    private static bool IsAscending(IEnumerable<string> ids)
    {
        var ordered = ids.ToList();
        return ordered.Zip(ordered.Skip(1)).All(pair => string.CompareOrdinal(pair.First, pair.Second) < 0);
    }

    private static Checked<CellReport> Refused(string path, string why) =>
        Checked<CellReport>.Invalid([Problem(path, why)]);

    private static Problem Problem(string path, string why) => new(Slug, path, why);
}
