using ControlPlane.Reviews;
using ControlPlane.Workloads;

namespace ControlPlane.Cli.Policies;

/// <summary>The effect of a change as findings at the lines that cause it.</summary>
internal static class DiffFindings
{
    public static IReadOnlyList<(string Kind, string Meaning)> Kinds { get; } =
    [
        ("placement-stranded", "A placement would become unlawful and has no lawful place with room"),
        ("placement-unlawful", "A placement would become unlawful and must move"),
        ("placement-displaced", "What a placement uses would be gone"),
        ("failover-lost", "A placement would lose every site that it could lawfully fail over to"),
        ("site-overdrawn", "Placements would draw more than the power contract of their site"),
    ];

    public static IEnumerable<Finding> Of(DiffFinding finding)
    {
        var stranded = finding.Effect.MustMove.OfType<Stranded>().Select(move => move.Placement.Id).ToHashSet();
        var moves = finding.Effect.MustMove.ToDictionary(move => move.Placement.Id);
        foreach (var change in finding.Effect.NewlyUnlawful)
        {
            var kind = stranded.Contains(change.Placement.Id) ? "placement-stranded"
                : change.After.Kind == StandingKind.Displaced ? "placement-displaced" : "placement-unlawful";
            var sentence = $"{DiffText.NameOf(change.Placement)} at "
                + $"{DiffText.Where(finding.Before.Fleet, change.Placement.Units)}: {DiffText.Because(change.After)}; "
                + DiffText.Outlook(moves[change.Placement.Id], finding.After.Fleet);
            var rule = change.After.Denials.Count > 0 ? change.After.Denials[0].Rule : "";
            yield return new(kind, FindingLevel.Error, sentence, PlaceOf(finding, change),
                $"{change.Placement.Id} {rule}");
        }

        foreach (var change in finding.Effect.LosesFailover)
        {
            yield return new("failover-lost", FindingLevel.Warning,
                $"{DiffText.NameOf(change.Placement)} could fail over to "
                + $"{string.Join(", ", change.Before)}, and to no site any more",
                RegionOf(finding, change.Placement), $"{change.Placement.Id}");
        }

        foreach (var site in finding.Effect.NewlyOverdrawn)
        {
            var file = finding.After.Fleet.FindSite(site.Site)?.Region.Spec.Region.Value;
            yield return new("site-overdrawn", FindingLevel.Error,
                $"{site.Site} would draw {DiffText.Megawatts(site.DrawnMilliwatts)} of "
                + $"{DiffText.Megawatts(site.ContractMilliwatts)} MW",
                new FilePlace($"regions/{file}.yaml", 1), site.Site.Value);
        }
    }

    /// <summary>The line of the rule that denies; the file of the region when no rule does.</summary>
    private static FilePlace PlaceOf(DiffFinding finding, StandingChange change)
    {
        foreach (var denial in change.After.Denials)
        {
            if (finding.After.Places.OfRule(denial.Rule) is { } place) return place;
        }

        return RegionOf(finding, change.Placement);
    }

    private static FilePlace RegionOf(DiffFinding finding, Placement placement)
    {
        var region = finding.Before.Fleet.FindPool(placement.Units[0].Node.Pool)?.Region;
        return new FilePlace(region?.Spec.File is { Length: > 0 } file ? file : "regions", 1);
    }
}
