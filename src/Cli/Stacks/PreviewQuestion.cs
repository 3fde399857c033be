using ControlPlane.Policies.Stacks;

namespace ControlPlane.Cli.Stacks;

/// <summary>Asks for the preview of one stack as the engine would: the pack first, then the program.</summary>
internal sealed record PreviewQuestion(StackTree Tree, string Stack)
{
    /// <summary>The stack program; the checkout's own when null.</summary>
    public string? Program { get; init; }

    /// <summary>What to show differences from; nothing when null.</summary>
    public Seq<PreviewedResource>? Earlier { get; init; }

    /// <summary>What the stack declares, unjudged.</summary>
    public async Task<PreviewReport> ShownAsync(CancellationToken cancellation) =>
        Report(await RunAsync(cancellation), verdicts: null);

    /// <summary>What the stack declares and what the pack says about it, or why it refuses all of it.</summary>
    public async Task<PreviewReport> JudgedAsync(CancellationToken cancellation)
    {
        Previewed? preview = null;
        var config = Tree.IsSound ? StackConfig.Read(Tree, Tree.Region(Stack)) : StackConfig.ReadFile(Tree, Stack);
        var question = new PackQuestion(Tree, Stack) { Config = config.Values };
        var verdicts = await PackRun.JudgeAsync(
            question,
            async () => (preview = await RunAsync(cancellation)).Resources,
            cancellation);
        return Report(preview ?? Previewed.Nothing(Stack), verdicts);
    }

    private Task<Previewed> RunAsync(CancellationToken cancellation) =>
        PreviewRun.RunAsync(Tree, StackConfig.Read(Tree, Tree.Region(Stack)), Program, cancellation);

    private PreviewReport Report(Previewed preview, Seq<PackVerdict>? verdicts) => new()
    {
        Preview = preview,
        File = Tree.IsSound
            ? new PlanCase(Tree.Fleet, Tree.Region(Stack), TimeProvider.System.GetUtcNow()).File
            : $"regions/{Stack}.yaml",
        Changes = Earlier is { } before && preview.Resources.Count > 0
            ? PreviewDiff.Between(before, preview.Resources)
            : null,
        Verdicts = verdicts,
    };
}
