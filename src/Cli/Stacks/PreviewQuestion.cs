using ControlPlane.Cli.Terminal;
using ControlPlane.Policies.Stacks;
using ControlPlane.Regions.Stacks;

namespace ControlPlane.Cli.Stacks;

/// <summary>Asks for previews of stacks as the engine would: the pack first, then the program.</summary>
internal sealed record PreviewQuestion(StackTree Tree)
{
    private const int MostAtOnce = 4;

    /// <summary>The stack program; the checkout's own when null.</summary>
    public string? Program { get; init; }

    /// <summary>What to show differences from; nothing when null.</summary>
    public Seq<PreviewedResource>? Earlier { get; init; }

    /// <summary>Whether the policy pack is asked.</summary>
    public required bool IsJudged { get; init; }

    /// <summary>What one stack declares and what the pack says about it, or why it refuses all of it.</summary>
    public async Task<PreviewReport> OneAsync(string stack, CancellationToken cancellation)
    {
        if (!IsJudged) return Report(await RunAsync(stack, cancellation), verdicts: null);
        using var pack = await PackSession.StartAsync(Tree, cancellation);
        var refused = await pack.TurnToAsync(Question(stack), cancellation);
        if (refused.Count > 0) return Report(Previewed.Nothing(stack), refused);
        var preview = await RunAsync(stack, cancellation);
        return Report(preview, await pack.JudgeAsync(preview.Resources, cancellation));
    }

    /// <summary>The same of every stack of the catalogue, by name; ends with all that failed where any did.</summary>
    public async Task<Seq<PreviewReport>> AllAsync(CancellationToken cancellation)
    {
        var stacks = Tree.Fleet.Regions.Where(RegionPlanner.HasStack).Select(region => region.Id.Value).ToList();
        if (!IsJudged)
            return (await RunAsync(stacks, cancellation)).Select(preview => Report(preview, verdicts: null)).ToSeq();
        using var pack = await PackSession.StartAsync(Tree, cancellation);
        var reports = new SortedDictionary<string, PreviewReport>(StringComparer.Ordinal);
        foreach (var stack in stacks)
        {
            var refused = await pack.TurnToAsync(Question(stack), cancellation);
            if (refused.Count > 0) reports[stack] = Report(Previewed.Nothing(stack), refused);
        }

        foreach (var preview in await RunAsync(stacks.Where(stack => !reports.ContainsKey(stack)), cancellation))
        {
            await pack.TurnToAsync(Question(preview.Stack), cancellation);
            var verdicts = await pack.JudgeAsync(preview.Resources, cancellation);
            reports[preview.Stack] = Report(preview, verdicts);
        }

        return reports.Values.ToSeq();
    }

    // A few at once: each is a process of its own, and most of its time is its start.
    private async Task<Seq<Previewed>> RunAsync(IEnumerable<string> stacks, CancellationToken cancellation)
    {
        var names = stacks.ToList();
        var previews = new Previewed[names.Count];
        var failures = new string?[names.Count];
        var limits = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Clamp(Environment.ProcessorCount, 1, MostAtOnce),
            CancellationToken = cancellation,
        };
        await Parallel.ForAsync(0, names.Count, limits, async (index, token) =>
        {
            try
            {
                previews[index] = await RunAsync(names[index], token);
            }
            catch (CommandFailure failure)
            {
                failures[index] = $"{names[index]}: {failure.Message}: {failure.Hint}";
            }
        });
        var wrong = failures.OfType<string>().ToList();
        if (wrong.Count == 0) return previews.ToSeq();
        var message = $"{wrong.Count} of {names.Count} stack programs failed";
        throw new CommandFailure(ExitCode.InvalidInput, "stack-failed", message)
        {
            Hint = string.Join("\n  ", wrong),
        };
    }

    private Task<Previewed> RunAsync(string stack, CancellationToken cancellation) =>
        PreviewRun.RunAsync(Tree, StackConfig.Read(Tree, Tree.Region(stack)), Program, cancellation);

    private PackQuestion Question(string stack)
    {
        var config = Tree.IsSound ? StackConfig.Read(Tree, Tree.Region(stack)) : StackConfig.ReadFile(Tree, stack);
        return new PackQuestion(stack) { Config = config.Values };
    }

    private PreviewReport Report(Previewed preview, Seq<PackVerdict>? verdicts) => new()
    {
        Preview = preview,
        File = Tree.IsSound
            ? new PlanCase(Tree.Fleet, Tree.Region(preview.Stack), TimeProvider.System.GetUtcNow()).File
            : $"regions/{preview.Stack}.yaml",
        Changes = Earlier is { } before && preview.Resources.Count > 0
            ? PreviewDiff.Between(before, preview.Resources)
            : null,
        Verdicts = verdicts,
    };
}
