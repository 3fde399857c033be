using System.Text;

namespace ControlPlane.Cli.Stacks;

/// <summary>A preview with what it was compared with and what the policy pack said.</summary>
internal sealed record PreviewReport
{
    /// <summary>What every form of the report says first.</summary>
    public const string Disclaimer =
        "This is not the Pulumi engine: stack programs run against a stand-in that makes nothing and asks no cloud. "
        + "Run `pulumi preview` for what an update would really do.";

    public required Previewed Preview { get; init; }

    /// <summary>The file that declares the region.</summary>
    public required string File { get; init; }

    /// <summary>Differences; null when nothing was given to compare with.</summary>
    public required Seq<ChangedResource>? Changes { get; init; }

    /// <summary>What the pack said; null when it was not asked.</summary>
    public required Seq<PackVerdict>? Verdicts { get; init; }

    public bool IsRefused => Verdicts is { } verdicts && verdicts.Any(verdict => verdict.Level == "mandatory");

    /// <summary>Resources by package, the most first.</summary>
    public IEnumerable<KeyValuePair<string, int>> Counts => Preview.Resources
        .CountBy(CountedAs)
        .OrderByDescending(count => count.Value)
        .ThenBy(count => count.Key, StringComparer.Ordinal);

    /// <summary>How much is declared; nothing where the pack refused before the program ran.</summary>
    public string Declared => Preview.Resources.Count > 0
        ? $"{Preview.Resources.Count} resources ({CountText})"
        : "nothing is declared; the policy pack refuses the stack before its program runs";

    private string CountText => string.Join(", ", Counts.Select(count => $"{count.Key} {count.Value}"));

    /// <summary>The tree with inputs, for people.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        text.Append(Disclaimer).Append("\n\n");
        text.Append($"{File}: {Declared}\n");
        if (Preview.Resources.Count > 0)
        {
            text.Append('\n');
            new PreviewTree(Preview.Resources).Write(text);
            AppendOutputs(text);
        }

        AppendList(text, "stand-ins for what only a cloud or the stack's owner knows", Preview.StandIns);
        AppendList(text, "said by the program", Preview.Messages);
        if (Changes is { } changes) AppendChanges(text, changes);
        if (Verdicts is { } verdicts) AppendVerdicts(text, verdicts);
        return text.ToString();
    }

    /// <summary>How a resource's name is shown beside its type.</summary>
    public static string Named(PreviewedResource resource) => $"{resource.Type} {resource.Name}";

    public static string Mark(ResourceChange change) => change switch
    {
        ResourceChange.Added => "+",
        ResourceChange.Removed => "-",
        _ => "~",
    };

    private static string CountedAs(PreviewedResource resource) => resource switch
    {
        { IsProvider: true } => "providers",
        { IsCustom: false } => "components",
        _ => resource.Package,
    };

    private void AppendOutputs(StringBuilder text)
    {
        text.Append("\noutputs\n");
        foreach (var (path, value) in PropertyText.Lines(Preview.Outputs)) text.Append($"  {path}: {value}\n");
    }

    private static void AppendList(StringBuilder text, string title, Seq<string> items)
    {
        if (items.Count == 0) return;
        text.Append($"\n{title}\n");
        foreach (var item in items) text.Append($"  {item}\n");
    }

    private static void AppendChanges(StringBuilder text, Seq<ChangedResource> changes)
    {
        text.Append($"\ndifferences: {changes.Count}\n");
        foreach (var change in changes)
        {
            text.Append($"  {Mark(change.Change)} {Named(change.Resource)}\n");
            foreach (var property in change.Properties)
                text.Append($"      {property.Path}: {property.Before ?? "(none)"} -> {property.After ?? "(none)"}\n");
        }
    }

    private static void AppendVerdicts(StringBuilder text, Seq<PackVerdict> verdicts)
    {
        text.Append($"\npolicy pack: {Summary(verdicts)}\n");
        foreach (var verdict in verdicts) text.Append($"  {verdict.Level}: {verdict.Message}{At(verdict)}\n");
    }

    public static string Summary(Seq<PackVerdict> verdicts)
    {
        var refused = verdicts.Count(verdict => verdict.Level == "mandatory");
        if (verdicts.Count == 0) return "nothing to say";
        return $"{refused} refused, {verdicts.Count - refused} to know";
    }

    private static string At(PackVerdict verdict) => verdict.Urn.Length == 0 ? "" : $"\n      at {verdict.Urn}";
}
