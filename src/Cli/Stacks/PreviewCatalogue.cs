using System.Text;
using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Stacks;

/// <summary>Shows the previews of all stacks: how many resources of which kind, and what the pack says.</summary>
internal sealed record PreviewCatalogue(Seq<PreviewReport> Stacks)
{
    private static readonly string[] Kinds = ["aws", "azure", "kubernetes", "providers", "components"];

    public bool IsRefused => Stacks.Any(report => report.IsRefused);

    public void Print(CommandRun run, bool asMarkdown)
    {
        if (asMarkdown)
        {
            run.Screen.Out.Write(Markdown());
            return;
        }

        if (run.Format is OutputFormat.Json or OutputFormat.Yaml)
        {
            var whole = new { note = PreviewReport.Disclaimer, stacks = Stacks.Select(PreviewData.Of).ToList() };
            run.Screen.Out.WriteLine(DataText.Of(run.Format, JsonSerializer.SerializeToElement(whole)));
            return;
        }

        if (run.Format is OutputFormat.Table or OutputFormat.Wide) run.Screen.Line(PreviewReport.Disclaimer);
        new Listing("stacks", "", "stack", Columns).Print(run.Screen, run.Format, Stacks.Select(Row));
        if (run.Format is not (OutputFormat.Table or OutputFormat.Wide)) return;
        foreach (var verdict in Stacks.SelectMany(report => report.Verdicts ?? []))
            run.Screen.Line($"{verdict.Level}: {verdict.Message}");
        Screen.Note(Total);
    }

    private bool IsJudged => Stacks.All(report => report.Verdicts is not null);

    private string Total
    {
        get
        {
            var sums = string.Join(", ", Kinds.Select(kind => $"{kind} {Stacks.Sum(report => Count(report, kind))}"));
            var verdicts = Stacks.SelectMany(report => report.Verdicts ?? []).ToSeq();
            var pack = $"; policy pack: {PreviewReport.Summary(verdicts)}";
            return $"{Stacks.Count} stacks: {sums}{(IsJudged ? pack : "")}";
        }
    }

    private Seq<Column> Columns =>
    [
        Column.Of("stack", "stack"),
        .. Kinds.Select(kind => Column.Number(kind, kind)),
        .. IsJudged ? (Seq<Column>)[Column.Of("policy pack", "policyPack")] : [],
    ];

    private string Markdown()
    {
        var text = new StringBuilder($"### Stacks\n\n> {PreviewReport.Disclaimer}\n\n{Total}.\n\n");
        text.Append($"| {string.Join(" | ", Columns.Select(column => column.Title))} |\n");
        text.Append($"|{string.Concat(Columns.Select(column => column.IsNumber ? "---:|" : "---|"))}\n");
        foreach (var row in Stacks.Select(Row))
            text.Append($"| {string.Join(" | ", Columns.Select(column => column.Text(row)))} |\n");
        var verdicts = Stacks.SelectMany(report => report.Verdicts ?? []).ToList();
        if (verdicts.Count > 0) text.Append('\n');
        foreach (var verdict in verdicts) text.Append($"- {verdict.Level}: {verdict.Message}\n");
        return text.ToString();
    }

    private static JsonElement Row(PreviewReport report)
    {
        var row = new Dictionary<string, object> { ["stack"] = report.Preview.Stack };
        foreach (var kind in Kinds) row[kind] = Count(report, kind);
        if (report.Verdicts is { } verdicts) row["policyPack"] = PreviewReport.Summary(verdicts);
        return JsonSerializer.SerializeToElement(row);
    }

    private static int Count(PreviewReport report, string kind) =>
        report.Counts.FirstOrDefault(count => count.Key == kind).Value;
}
