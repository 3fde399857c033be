using System.Globalization;
using ControlPlane.Files;

namespace ControlPlane.Capacity;

/// <summary>
/// Reads past use from CSV with the columns hour, region, sku and amount: accelerators, or megawatts where sku is
/// empty.
/// </summary>
public static class UsageText
{
    public const string Header = "hour,region,sku,amount";

    private const int MostRows = 2_000_000;
    private const decimal MostAmount = 10_000_000;

    /// <summary>All rows, or every problem with its line.</summary>
    public static Checked<UsageRowList> Parse(string text)
    {
        var (rows, problems) = (new List<UsageRow>(), new List<Problem>());
        var seen = new Dictionary<(string, string, DateTimeOffset), int>();
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        if (lines[0].TrimStart('\uFEFF').Trim() != Header)
            problems.Add(At(1, "field-type", $"must be '{Header}', is '{Shown(lines[0])}'"));
        for (var index = 1; index < lines.Length; index++)
        {
            if (lines[index].Length == 0) continue;
            if (rows.Count == MostRows)
            {
                problems.Add(At(index + 1, "too-many", $"there are more than {MostRows} rows"));
                break;
            }

            if (RowOf(lines[index], index + 1, problems) is not { } row) continue;
            if (!seen.TryAdd((row.Region.Value, row.Sku?.Value ?? "", row.Hour), index + 1))
                problems.Add(At(index + 1, "duplicate-id",
                    $"says the same hour, region and sku as line "
                        + $"{seen[(row.Region.Value, row.Sku?.Value ?? "", row.Hour)]}"));
            rows.Add(row);
        }

        return problems.Count > 0
            ? Checked<UsageRowList>.Invalid(problems)
            : Checked<UsageRowList>.Valid(new(rows.ToSeq()));
    }

    private static UsageRow? RowOf(string line, int number, List<Problem> problems)
    {
        var fields = line.Split(',');
        if (fields.Length != 4)
        {
            problems.Add(At(number, "field-type", $"has {fields.Length} columns, not the 4 of '{Header}'"));
            return null;
        }

        var before = problems.Count;
        if (!DateTimeOffset.TryParse(
                fields[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var hour)
            || hour.Ticks % TimeSpan.TicksPerHour != 0)
            problems.Add(At(number, "time-format",
                $"hour must be a full hour such as 2026-11-21T10:00:00Z, is '{Shown(fields[0])}'"));
        if (fields[1].Length == 0) problems.Add(At(number, "field-required", "region is empty"));
        if (!decimal.TryParse(
                fields[3], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            || amount > MostAmount)
            problems.Add(At(number, "out-of-range", $"amount must be 0 to {MostAmount}, is '{Shown(fields[3])}'"));
        if (problems.Count > before) return null;
        var sku = fields[2].Length == 0 ? (SkuId?)null : new SkuId(fields[2]);
        return new UsageRow(
            new(fields[1]), sku, hour.ToUniversalTime(), (long)(amount * (sku is null ? 1_000_000_000m : 1_000m)));
    }

    private static Problem At(int line, string slug, string message) => new(slug, "", message) { Line = line, Column =
        1 };

    private static string Shown(string text) => text.Length > 60 ? text[..60] + "..." : text;
}

/// <summary>Rows of past use.</summary>
public sealed record UsageRowList(Seq<UsageRow> Rows);
