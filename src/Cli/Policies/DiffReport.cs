using ControlPlane.Cli.Terminal;
using ControlPlane.Regions;
using ControlPlane.Reviews;
using ControlPlane.Workloads;

namespace ControlPlane.Cli.Policies;

/// <summary>Prints the effect of a change in the form that was asked for.</summary>
internal static class DiffReport
{
    private const int MostLines = 50;

    public static void Print(CommandRun run, DiffFinding finding)
    {
        switch (run.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                run.Screen.Out.WriteLine(DataText.Of(run.Format, DiffData.Of(finding)));
                break;
            case OutputFormat.Csv:
                run.Screen.Line("effect,id,tenant,workload,site,rule,outlook");
                foreach (var row in Rows(finding)) run.Screen.Line(DataText.Csv(row));
                break;
            case OutputFormat.Name:
                foreach (var change in finding.Effect.NewlyUnlawful)
                    run.Screen.Line($"placements/{change.Placement.Id}");
                break;
            case OutputFormat.Sarif:
                run.Screen.Out.WriteLine(SarifText.Of(DiffFindings.Kinds, DiffFindings.Of(finding)));
                break;
            case OutputFormat.Markdown:
                foreach (var line in DiffMarkdown.Lines(finding)) run.Screen.Line(line);
                break;
            default:
                foreach (var line in Lines(finding)) run.Screen.Line(line);
                break;
        }
    }

    private static IEnumerable<string> Lines(DiffFinding finding)
    {
        var effect = finding.Effect;
        yield return $"EFFECT  {DiffText.Headline(effect)}   "
            + $"(state of position {finding.Position}, {effect.Judged} placements)";
        foreach (var row in Rows(finding).Take(MostLines))
        {
            var outlook = row[6].Length > 0 ? $"  -> {row[6]}" : "";
            yield return $"  {row[0],-18} {row[2]}/{row[3]}  at {row[4]}  {row[5]}{outlook}";
        }

        var rows = Rows(finding).Count();
        if (rows > MostLines) yield return $"  and {rows - MostLines} more; -o csv has all";
        foreach (var row in effect.Capacity)
        {
            var declared =
                DiffText.Signed(DiffText.Accelerators(row.After.AcceleratorMilli - row.Before.AcceleratorMilli));
            yield return $"  capacity           {row.Region}  {row.Sku}  declared {declared}, "
                + $"leaving {Shown(row.Leaving)}, arriving {Shown(row.Arriving)}, stranded {Shown(row.Stranded)}";
        }

        foreach (var row in effect.Open)
        {
            var (accelerators, power) =
                (row.After.AcceleratorMilli - row.Before.AcceleratorMilli,
                row.After.Milliwatts - row.Before.Milliwatts);
            yield return $"  open to {row.DataClass,-10} {row.Region}  {row.Sku} "
                + $" {DiffText.Signed(DiffText.Accelerators(accelerators))} "
                + $"({DiffText.Signed(DiffText.Megawatts(power))} MW)";
        }

        if (finding.Rejudged.Judged > 0) yield return $"  {DiffMarkdown.DecisionsInWords(finding)}";
    }

    private static string Shown(Amount amount) =>
        $"{DiffText.Accelerators(amount.AcceleratorMilli)} ({DiffText.Megawatts(amount.Milliwatts)} MW)";

    private static IEnumerable<string[]> Rows(DiffFinding finding)
    {
        var (effect, moves) = (finding.Effect, finding.Effect.MustMove.ToDictionary(move => move.Placement.Id));
        foreach (var change in effect.NewlyUnlawful)
        {
            yield return Row("unlawful", change.Placement, finding.Before.Fleet,
                (DiffText.WhyNot(change.After), DiffText.Outlook(moves[change.Placement.Id], finding.After.Fleet)));
        }

        foreach (var change in effect.LosesFailover)
            yield return Row("loses-failover", change.Placement, finding.Before.Fleet,
                ("", $"was {string.Join(", ", change.Before)}"));
        foreach (var change in effect.NewlyLawful)
            yield return Row("lawful", change.Placement, finding.After.Fleet, (DiffText.WhyNot(change.Before), ""));
        foreach (var site in effect.NewlyOverdrawn)
        {
            yield return ["overdrawn", "", "", "", site.Site.Value, "",
                $"{DiffText.Megawatts(site.DrawnMilliwatts)} of {DiffText.Megawatts(site.ContractMilliwatts)} MW"];
        }
    }

    private static string[] Row(string effect, Placement placement, Fleet fleet, (string Rule, string Outlook) rest) =>
    [
        effect, placement.Id.ToString(), placement.Request.Tenant.Value, placement.Request.Workload,
        DiffText.Where(fleet, placement.Units), rest.Rule, rest.Outlook,
    ];
}
