using ControlPlane.Reviews;

namespace ControlPlane.Cli.Policies;

/// <summary>Writes the effect of a change as one comment on its pull request.</summary>
internal static class DiffMarkdown
{
    /// <summary>First line of the comment, by which it is found again and edited in place.</summary>
    public const string Marker = "<!-- cplane policy diff -->";

    /// <summary>Rows of one table; comments have a greatest size, and nobody reads more.</summary>
    private const int MostRows = 100;

    public static IEnumerable<string> Lines(DiffFinding finding)
    {
        var effect = finding.Effect;
        yield return Marker;
        var headline = DiffText.Headline(effect);
        yield return $"### Effect on what runs: {(effect.IsHarmful ? $"**{headline}**" : headline)}";
        yield return "";
        yield return $"Judged {DiffText.Count(effect.Judged, "placement")} at ledger position {finding.Position} "
            + $"as of {finding.Request.AsOf.UtcDateTime:yyyy-MM-dd}; {effect.StillUnlawful} were and stay unlawful.";
        var tables =
            new[] { Unlawful(finding), Failover(finding), Lawful(finding), Capacity(finding), Open(finding),
            Overdrawn(finding) };
        foreach (var line in tables.SelectMany(table => table)) yield return line;
        foreach (var line in Decisions(finding)) yield return line;
    }

    private static IEnumerable<string> Unlawful(DiffFinding finding)
    {
        var moves = finding.Effect.MustMove.ToDictionary(move => move.Placement.Id);
        return Table(
            ["workload", "size", "site now", "before", "after", "rule", "if merged"],
            finding.Effect.NewlyUnlawful,
            change =>
            [
                DiffText.NameOf(change.Placement),
                DiffText.SizeOf(change.Placement),
                DiffText.Where(finding.Before.Fleet, change.Placement.Units),
                "allowed",
                change.After.Kind == StandingKind.Displaced ? "gone" : "denied",
                RulesOf(finding, change.After),
                DiffText.Outlook(moves[change.Placement.Id], finding.After.Fleet),
            ]);
    }

    private static IEnumerable<string> Failover(DiffFinding finding)
    {
        var lost = finding.Effect.LosesFailover.ToSeq();
        var rows = Table(
            ["workload", "size", "site now", "could fail over to"],
            lost,
            change =>
            [
                DiffText.NameOf(change.Placement),
                DiffText.SizeOf(change.Placement),
                DiffText.Where(finding.Before.Fleet, change.Placement.Units),
                string.Join(", ", change.Before),
            ]);
        var fewer = finding.Effect.Failover.Count - lost.Count;
        if (lost.Count == 0 && fewer == 0) return [];
        string[] title =
            ["", $"**Failover**: {DiffText.Count(lost.Count, "placement")} would lose every failover site; "
            + $"{fewer} keep some, but others than before."];
        return title.Concat(rows);
    }

    private static IEnumerable<string> Lawful(DiffFinding finding) => Folded(
        $"{DiffText.Count(finding.Effect.NewlyLawful.Count, "placement")} would become lawful",
        Table(
            ["workload", "size", "site now", "was denied by"],
            finding.Effect.NewlyLawful,
            change =>
            [
                DiffText.NameOf(change.Placement),
                DiffText.SizeOf(change.Placement),
                DiffText.Where(finding.After.Fleet, change.Placement.Units),
                DiffText.WhyNot(change.Before),
            ]));

    private static IEnumerable<string> Capacity(DiffFinding finding) => Folded(
        "Accelerators and power by region",
        Table(
            ["region", "model", "declared", "MW", "has to leave", "MW", "would arrive", "MW", "stranded", "MW"],
            finding.Effect.Capacity,
            row =>
            [
                row.Region.Value,
                row.Sku.Value,
                DiffText.Signed(DiffText.Accelerators(row.After.AcceleratorMilli - row.Before.AcceleratorMilli)),
                DiffText.Signed(DiffText.Megawatts(row.After.Milliwatts - row.Before.Milliwatts)),
                .. Both(row.Leaving), .. Both(row.Arriving), .. Both(row.Stranded),
            ]));

    private static IEnumerable<string> Open(DiffFinding finding) => Folded(
        "What is open to the workloads that run, by class of data",
        Table(
            ["class of data", "region", "model", "before", "after", "difference", "MW"],
            finding.Effect.Open,
            row =>
            [
                row.DataClass.Value,
                row.Region.Value,
                row.Sku.Value,
                DiffText.Accelerators(row.Before.AcceleratorMilli),
                DiffText.Accelerators(row.After.AcceleratorMilli),
                DiffText.Signed(DiffText.Accelerators((row.After - row.Before).AcceleratorMilli)),
                DiffText.Signed(DiffText.Megawatts((row.After - row.Before).Milliwatts)),
            ]));

    private static IEnumerable<string> Overdrawn(DiffFinding finding) => Table(
        ["site", "would draw, MW", "contract, MW"],
        finding.Effect.NewlyOverdrawn,
        site => [site.Site.Value, DiffText.Megawatts(site.DrawnMilliwatts),
            DiffText.Megawatts(site.ContractMilliwatts)]);

    private static IEnumerable<string> Decisions(DiffFinding finding)
    {
        var rejudged = finding.Rejudged;
        if (rejudged.Judged == 0) yield break;
        yield return "";
        yield return $"<details><summary>{DecisionsInWords(finding)}</summary>";
        foreach (var line in Table(
            ["decision", "workload", "outcome"],
            rejudged.Different.ToSeq(),
            decision =>
                [decision.Id.ToString(), $"{decision.Request.Tenant}/{decision.Request.Workload}",
                InWords(decision.Outcome)]))
        {
            yield return line;
        }

        yield return "";
        yield return "</details>";
    }

    /// <summary>How many decisions come out how, in one sentence.</summary>
    public static string DecisionsInWords(DiffFinding finding)
    {
        var rejudged = finding.Rejudged;
        var parts = Enum.GetValues<RejudgedOutcome>()
            .Select(outcome => (Outcome: outcome, Count: rejudged.Count(outcome)))
            .Where(item => item.Count > 0)
            .Select(item => $"{item.Count} {InWords(item.Outcome)}");
        return $"{DiffText.Count(rejudged.Judged, "decision")} of the last {finding.Request.Days} days made once more: "
            + string.Join(", ", parts);
    }

    private static string InWords(RejudgedOutcome outcome) => outcome switch
    {
        RejudgedOutcome.Same => "same",
        RejudgedOutcome.DeniedNow => "refused now",
        RejudgedOutcome.PlacedNow => "placed now",
        RejudgedOutcome.Elsewhere => "placed elsewhere",
        RejudgedOutcome.OtherReason => "refused for another reason",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string[] Both(Amount amount) =>
        [DiffText.Accelerators(amount.AcceleratorMilli), DiffText.Megawatts(amount.Milliwatts)];

    private static string RulesOf(DiffFinding finding, Standing standing)
    {
        if (standing.Denials.Count == 0) return standing.Because;
        return string.Join(", ", standing.Denials.Select(denial =>
            finding.After.Places.OfRule(denial.Rule) is { } place ? $"{denial.Rule} ({place.File}:{place.Line})"
                : denial.Rule));
    }

    private static IEnumerable<string> Folded(string title, IEnumerable<string> table)
    {
        var lines = table.ToList();
        if (lines.Count == 0) return [];
        return ["", $"<details><summary>{title}</summary>", .. lines, "", "</details>"];
    }

    private static IEnumerable<string> Table<T>(string[] titles, Seq<T> rows, Func<T, string[]> cells)
    {
        if (rows.Count == 0) yield break;
        yield return "";
        yield return $"| {string.Join(" | ", titles)} |";
        yield return $"|{string.Concat(titles.Select(_ => "---|"))}";
        foreach (var row in rows.Take(MostRows))
            yield return $"| {string.Join(" | ", cells(row).Select(TestMarkdown.Cell))} |";
        if (rows.Count <= MostRows) yield break;
        yield return "";
        yield return $"and {rows.Count - MostRows} more; the JSON form has all.";
    }
}
