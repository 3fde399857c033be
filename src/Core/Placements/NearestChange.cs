using System.Diagnostics;
using System.Globalization;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// The smallest change of a refused request that would be granted. Law is never offered as negotiable.
/// </summary>
/// <param name="Pool">Pool that would take the workload, or part of it.</param>
/// <param name="Changes">What would have to be given up.</param>
public sealed record NearestChange(NodePoolId Pool, Seq<Relaxation> Changes)
{
    /// <summary>Changes that are tried before giving up; each try is one decision.</summary>
    private const int MaxTries = 16;

    /// <summary>
    /// Takes the pools that only capacity keeps out, those with the fewest and smallest gaps first, and gives the first
    /// whose changes together turn the refusal into a placement. What is offered has been tried.
    /// </summary>
    internal static NearestChange? Find(Question question, Seq<Trial> trials)
    {
        var offers = trials
            .Select(trial => (
                trial.Pool, Denials: trial.Verdicts.Where(verdict => verdict.Result == VerdictResult.Denied).ToList()))
            .Where(item => item.Denials.Count > 0 && item.Denials.TrueForAll(denial => denial.Relaxation is not null))
            .Select(item => new NearestChange(item.Pool, Merge(item.Denials)))
            .OrderBy(offer => offer.Changes.Count)
            .ThenBy(offer => offer.Changes.Sum(change => change.Size))
            .ThenBy(offer => offer.Pool)
            .DistinctBy(offer => offer.Changes)
            .Take(MaxTries);
        return offers.FirstOrDefault(offer => IsGranted(question, offer));
    }

    /// <summary>One change for each field: the one that gives up most.</summary>
    private static Seq<Relaxation> Merge(List<Verdict> denials) => denials
        .Select(denial => denial.Relaxation!)
        .GroupBy(change => change.Field, StringComparer.Ordinal)
        .Select(group => group.MaxBy(change => change.Size)!)
        .OrderBy(change => change.Field, StringComparer.Ordinal)
        .ToSeq();

    private static bool IsGranted(Question question, NearestChange offer)
    {
        var changed = offer.Changes.Aggregate(question.Request, Apply);
        return Placer.Decide(question.World, question.Law, changed, question.AsOf) is Placed;
    }

    private static PlacementRequest Apply(PlacementRequest request, Relaxation change)
    {
        var unit = request.Unit;
        return change.Field switch
        {
            "units" => request with { Units = (int)Whole(change.To) },
            "spread.minDomains" => request with
            {
                Spread = request.Spread! with { MinDomains = (int)Whole(change.To) },
            },
            "cpuMilli" => request with { Unit = unit with { CpuMilli = Whole(change.To) } },
            "memoryMib" => request with { Unit = unit with { MemoryMib = Whole(change.To) } },
            "fabric" => request with
            {
                Unit = unit with { Fabric = Enum.Parse<FabricKind>(change.To, ignoreCase: true) },
            },
            "accelerators.count" => request with { Unit = unit with { Accelerators = (int)Whole(change.To) } },
            "accelerators.shareMilli" => request with
            {
                Unit = unit with { AcceleratorShareMilli = (int)Whole(change.To) },
            },
            "accelerators.skus" => request with
            {
                Unit = unit with { Skus = change.To.Split(", ").Select(id => new SkuId(id)).ToSeq() },
            },
            "accelerators.minMemoryGib" => request with { Unit = unit with { MinMemoryGib = Number(change.To) } },
            "accelerators.minBandwidthGigabytesPerSecond" =>
                request with { Unit = unit with { MinBandwidthGigabytesPerSecond = Number(change.To) } },
            "accelerators.minTeraflops.bf16" => request with
            {
                Unit = unit with { MinTeraflopsBf16 = Number(change.To) },
            },
            "accelerators.minTeraflops.fp8" => request with
            {
                Unit = unit with { MinTeraflopsFp8 = Number(change.To) },
            },
            "accelerators.minTeraflops.fp4" => request with
            {
                Unit = unit with { MinTeraflopsFp4 = Number(change.To) },
            },
            _ => throw new UnreachableException($"no rule relaxes {change.Field}"),
        };
    }

    private static long Whole(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}
