using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Bounds the round-trip time over declared links between the place and named regions, or the request's home region.
/// Where no links lead there is no bound that holds.
/// </summary>
[FileCase("latency")]
public sealed record LatencyRule : LawRule
{
    [Description("Longest round-trip time in milliseconds.")]
    [Range(0.001, 10_000)]
    public required decimal AtMostMilliseconds { get; init; }

    [Description("Regions of which one must be that near; the request's homeRegion when left out.")]
    public Seq<RegionId> To { get; init; }

    public override string Reason => ReasonCode.Latency;

    public override bool LooksAtSubject => To.Count == 0;

    public override LawFinding Judge(LawCase at)
    {
        if (To.Count == 0 && at.Subject.HomeRegion is null)
            return new(false, "the request does not declare homeRegion");
        var targets = To.Count > 0 ? To : [at.Subject.HomeRegion!.Value];
        (RegionId Id, decimal Milliseconds)? nearest = null;
        foreach (var target in targets)
        {
            if (at.Fleet.FindRegion(target) is not { } region) continue;
            if (at.Fleet.Distances.Milliseconds(region, at.Pool.Region) is not { } time) continue;
            if (nearest is null || time < nearest.Value.Milliseconds) nearest = (target, time);
        }

        if (nearest is not { } found) return new(false, $"no declared links lead to {string.Join(", ", targets)}");
        var because = string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{found.Id} is {found.Milliseconds:0.###} ms away; at most {AtMostMilliseconds:0.###} ms are allowed");
        return new(found.Milliseconds <= AtMostMilliseconds, because);
    }

    public override PoolSet Compile(LawIndex index, LawSubject subject) => To.Count > 0
        ? index.AnyOf(To, target => index.Within(target, AtMostMilliseconds))
        : subject.HomeRegion is { } home ? index.Within(home, AtMostMilliseconds) : index.None;

    public override IEnumerable<Problem> Check(Fleet fleet, string path) => RuleChecks.Regions(fleet, To, $"{path}.to");

    public override bool IsImpliedBy(PolicyRule other, Fleet fleet) => other is LatencyRule stricter
        && stricter.AtMostMilliseconds <= AtMostMilliseconds && stricter.To.Count > 0 == To.Count > 0
            && stricter.To.All(To.Contains);
}
