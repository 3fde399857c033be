namespace ControlPlane.Files;

/// <summary>Finds the known names that somebody who mistyped a name most likely meant.</summary>
public static class NearestName
{
    private const int LongestCompared = 128;

    /// <summary>The nearest known name, or null when none is near.</summary>
    public static string? Of(string given, IEnumerable<string> known)
    {
        var names = Several(given, known, 1);
        return names.Count == 0 ? null : names[0];
    }

    /// <summary>The nearest known names, best first; empty when none is near.</summary>
    public static Seq<string> Several(string given, IEnumerable<string> known, int most)
    {
        if (given.Length is 0 or > LongestCompared) return [];
        var lower = given.ToLowerInvariant();
        return known
            .Where(name => name.Length <= LongestCompared)
            .Distinct(StringComparer.Ordinal)
            .Select(name => (name, distance: Distance(lower, name.ToLowerInvariant())))
            .Where(item => item.distance is not null)
            .OrderBy(item => item.distance)
            .ThenBy(item => item.name, StringComparer.Ordinal)
            .Take(most)
            .Select(item => item.name)
            .ToSeq();
    }

    /// <summary>The suggestion as the end of a message; empty when none is near.</summary>
    public static string Hint(string given, IEnumerable<string> known)
    {
        var names = Several(given, known, 3);
        return names.Count switch
        {
            0 => "",
            1 => $"; did you mean '{names[0]}'?",
            _ => $"; did you mean one of {string.Join(", ", names.Select(name => $"'{name}'"))}?",
        };
    }

    // Up to a third of the letters may differ; beyond that a suggestion is noise. A part between hyphens may match
    // too: "h1000" finds "nvidia-h100-sxm5-80gb".
    private static int? Distance(string given, string name)
    {
        var allowed = given.Length <= 3 ? 1 : Math.Max(2, given.Length / 3);
        var whole = Edits(given, name);
        if (whole <= allowed) return whole;
        if (given.Length < 3 || !name.Contains('-')) return null;
        var part = name.Split('-').Min(piece => Edits(given, piece));
        return part <= Math.Min(allowed, 1) ? allowed + 1 + part : null;
    }

    // Letters inserted, dropped, replaced or swapped with their neighbour.
    private static int Edits(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > LongestCompared / 3) return int.MaxValue;
        var before = new int[right.Length + 1];
        var previous = new int[right.Length + 1];
        var current = new int[right.Length + 1];
        for (var column = 0; column <= right.Length; column++) previous[column] = column;
        for (var row = 1; row <= left.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= right.Length; column++)
            {
                var same = left[row - 1] == right[column - 1];
                var best = Math.Min(previous[column], current[column - 1]) + 1;
                best = Math.Min(best, previous[column - 1] + (same ? 0 : 1));
                var swapped = row > 1 && column > 1
                    && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
                if (swapped) best = Math.Min(best, before[column - 2] + 1);
                current[column] = best;
            }

            (before, previous, current) = (previous, current, before);
        }

        return previous[right.Length];
    }
}
