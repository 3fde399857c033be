namespace ControlPlane.Cli.Placements;

/// <summary>Reads the id of a placement, hold or decision, given as it is or as <c>placements/ID</c>.</summary>
internal static class Ids
{
    private static readonly string[] Prefixes = ["placements/", "holds/", "decisions/"];

    public static string Of(string given)
    {
        var prefix = Prefixes.FirstOrDefault(prefix => given.StartsWith(prefix, StringComparison.Ordinal)) ?? "";
        return given[prefix.Length..];
    }

    /// <summary>The id as part of a path.</summary>
    public static string Escape(string given) => Uri.EscapeDataString(Of(given));
}
