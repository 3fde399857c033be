using System.Globalization;
using ControlPlane.Ledger;

namespace ControlPlane.Server.Ledger;

/// <summary>Says how long the content of records is kept, and what has to be so before it is let go.</summary>
/// <param name="Days">Days for which every record is kept whole.</param>
/// <param name="Archive">Directory that records are written to first.</param>
/// <param name="Held">Tenants, workloads and people whose records are kept whole however old they are.</param>
internal sealed record RetentionTerms(int Days, string Archive, Seq<string> Held)
{
    private const int MostDays = 36_500;

    /// <summary>Names of all options about it.</summary>
    public static IReadOnlyList<string> Names { get; } = ["--audit-retention", "--audit-archive", "--audit-hold"];

    /// <summary>Null when records are kept for ever, which they are unless somebody asks otherwise.</summary>
    public static RetentionTerms? Parse(Func<string, string?> value, List<Problem> problems)
    {
        var (days, archive, held) = (value("--audit-retention"), value("--audit-archive"), value("--audit-hold"));
        if (days is null)
        {
            foreach (var (name, given) in new[] { ("--audit-archive", archive), ("--audit-hold", held) })
            {
                if (given is not null)
                    problems.Add(new Problem("usage", name, "is of use with --audit-retention only"));
            }

            return null;
        }

        if (archive is null)
        {
            problems.Add(new Problem(
                "usage", "--audit-archive", "is missing: records are let go only after they were written there"));
        }

        var kept = ParseHeld(held, problems);
        if (!int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
            || whole is < RecordsRetired.LeastDays or > MostDays)
        {
            problems.Add(new Problem(
                "usage", "--audit-retention",
                $"must be {RecordsRetired.LeastDays} to {MostDays} days, because records are kept for six months at "
                + $"least, is '{days}'"));
            return null;
        }

        return archive is null ? null : new RetentionTerms(whole, Path.GetFullPath(archive), kept);
    }

    /// <summary>Records from before this moment may be let go; it moves once a day.</summary>
    public DateTimeOffset Before(DateTimeOffset now) => new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero)
        .AddDays(-Days);

    /// <summary>One name a line; lines that begin with # say something to people.</summary>
    private static Seq<string> ParseHeld(string? path, List<Problem> problems)
    {
        if (path is null) return [];
        try
        {
            return File.ReadLines(path).Select(line => line.Trim())
                .Where(line => line.Length > 0 && line[0] != '#').ToSeq();
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            problems.Add(new Problem("usage", "--audit-hold", $"cannot be read: {broken.Message}"));
            return [];
        }
    }
}
