using System.Text;

namespace ControlPlane.Cli.Stacks;

/// <summary>
/// Writes a preview as a comment for a pull request: verdicts first, then differences, then everything.
/// </summary>
internal static class PreviewMarkdown
{
    // Comments have a limit; a longer tree is in the JSON.
    private const int MostTreeCharacters = 40_000;

    public static string Of(PreviewReport report)
    {
        var text = new StringBuilder();
        text.Append($"### Stack `{report.Preview.Stack}`\n\n");
        text.Append($"> {PreviewReport.Disclaimer}\n\n");
        text.Append($"`{report.File}`: {report.Declared}.\n\n");
        if (report.Verdicts is { } verdicts) AppendVerdicts(text, verdicts);
        if (report.Changes is { } changes) AppendChanges(text, changes);
        if (report.Preview.Resources.Count > 0) AppendTree(text, report);
        return text.ToString();
    }

    private static void AppendVerdicts(StringBuilder text, Seq<PackVerdict> verdicts)
    {
        text.Append($"**Policy pack:** {PreviewReport.Summary(verdicts)}\n\n");
        if (verdicts.Count == 0) return;
        text.Append("| level | rule | reason | resource |\n|---|---|---|---|\n");
        foreach (var verdict in verdicts)
        {
            var name = verdict.Urn.Split("::") is [_, _, var type, var last] ? $"{type.Split('$')[^1]} {last}" : "";
            text.Append($"| {verdict.Level} | {verdict.Rule} | {Cell(verdict.Message)} | {Cell(name)} |\n");
        }

        text.Append('\n');
    }

    private static void AppendChanges(StringBuilder text, Seq<ChangedResource> changes)
    {
        text.Append($"**Differences:** {changes.Count}\n\n");
        if (changes.Count == 0) return;
        text.Append("```diff\n");
        foreach (var change in changes)
        {
            text.Append($"{(change.Change == ResourceChange.Changed ? "!" : PreviewReport.Mark(change.Change))} ");
            text.Append($"{PreviewReport.Named(change.Resource)}\n");
            foreach (var property in change.Properties)
            {
                if (property.Before is { } before) text.Append($"-   {property.Path}: {before}\n");
                if (property.After is { } after) text.Append($"+   {property.Path}: {after}\n");
            }
        }

        text.Append("```\n\n");
    }

    private static void AppendTree(StringBuilder text, PreviewReport report)
    {
        var tree = new StringBuilder();
        new PreviewTree(report.Preview.Resources).Write(tree);
        var cut = tree.Length > MostTreeCharacters;
        if (cut) tree.Length = MostTreeCharacters;
        text.Append("<details><summary>Resources with their inputs</summary>\n\n```\n").Append(tree);
        if (cut) text.Append("\n(cut; the whole tree is in the JSON)\n");
        text.Append("```\n\n</details>\n");
    }

    private static string Cell(string content) =>
        content.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
