using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Policies;

/// <summary>
/// Says whether work may move once it runs, where to, how much at once, and when it may come back. It is judged at
/// every move, never at a first placement.
/// </summary>
[FileCase("mobility")]
public sealed record MobilityRule : PolicyRule
{
    [Description("false forbids every move.")]
    public required bool MayMove { get; init; }

    [Description("Countries or groups that moves may lead to; everywhere lawful when left out.")]
    public Seq<JurisdictionId> To { get; init; }

    [Description("Most moves in flight at once among the workloads that the policy matches.")]
    [Range(1, 100_000)]
    public int? MovesInFlight { get; init; }

    [Description("Windows in which planned moves and failback may start (UTC); a failover waits for none. Always "
    + "when left out.")]
    public Seq<MoveWindow> Windows { get; init; }

    [Description("Whether work goes back to where it was, and after how long: never, or once home was stable.")]
    public FailbackTerms? Failback { get; init; }

    public override EnforcementPoints Points => EnforcementPoints.Move;

    /// <summary>What the rule says about one move; null when it has nothing against it.</summary>
    public string? Refusal(MoveQuestion move, Fleet fleet, int movesInFlight)
    {
        if (!MayMove) return "work of this kind does not move";
        var country = fleet.FindPool(move.To)?.Site.Spec.Country;
        if (To.Count > 0 && !(country is { } there && To.Any(group => fleet.LiesIn(there, group))))
            return $"the move leads to {country}, outside {string.Join(", ", To)}";
        if (MovesInFlight is { } most && movesInFlight >= most)
            return $"{movesInFlight} moves are in flight; {most} are allowed";
        if (move.Kind != MoveKind.Failover && Windows.Count > 0 && !Windows.Any(window => window.Holds(move.AsOf)))
            return string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{move.AsOf.UtcDateTime:ddd HH:mm} UTC lies outside every window");
        return move.Kind == MoveKind.Failback ? Failback?.Refusal(move) : null;
    }

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        var saysMore = To.Count > 0 || MovesInFlight is not null || Windows.Count > 0 || Failback is not null;
        if (MayMove && !saysMore)
            yield return new("policy-blank", path,
                "mayMove: true by itself limits nothing; give to, movesInFlight, windows or failback");
        if (!MayMove && saysMore)
            yield return new("rule-conflict", path, "mayMove: false forbids every move; leave the other fields out");
        for (var index = 0; index < Windows.Count; index++)
        {
            if (Windows[index] is { } window && window.FromMinute >= window.ToMinute)
                yield return new("out-of-range", $"{path}.windows[{index}].toMinute",
                    "must be later than fromMinute; give two windows for one over midnight");
            if (Windows[index] is { Days.Count: 0 })
                yield return new("policy-blank", $"{path}.windows[{index}].days",
                    "a window needs days; blank never means every day");
        }

        foreach (var problem in Failback?.Check($"{path}.failback") ?? []) yield return problem;
        foreach (var problem in RuleChecks.Jurisdictions(fleet, To, $"{path}.to")) yield return problem;
    }
}

/// <summary>A time of the week in which planned moves may start.</summary>
public sealed record MoveWindow
{
    [Description("Days of the week (UTC): monday to sunday.")]
    public Seq<DayOfWeek> Days { get; init; }

    [Description("First minute of the day (UTC), 0 to 1439.")]
    [Range(0, 1_439)]
    public required int FromMinute { get; init; }

    [Description("Minute of the day at which the window closes (UTC), 1 to 1440.")]
    [Range(1, 1_440)]
    public required int ToMinute { get; init; }

    public bool Holds(DateTimeOffset at)
    {
        var minute = (int)at.UtcDateTime.TimeOfDay.TotalMinutes;
        return Days.Contains(at.UtcDateTime.DayOfWeek) && FromMinute <= minute && minute < ToMinute;
    }
}

/// <summary>When work may go back to the place that it failed over from.</summary>
public sealed record FailbackTerms
{
    [Description("true: work stays where it went.")]
    public bool Never { get; init; }

    [Description("Minutes for which the old place must have been stable.")]
    [Range(1, 525_600)]
    public int? StableMinutes { get; init; }

    internal IEnumerable<Problem> Check(string path)
    {
        if (Never == StableMinutes is not null)
            yield return new("policy-blank", path, "failback needs either never: true or stableMinutes");
    }

    internal string? Refusal(MoveQuestion move)
    {
        if (Never) return "work stays where it went; there is no failback";
        if (move.StableSince is not { } since) return "the old place is not stable";
        var minutes = (long)(move.AsOf - since).TotalMinutes;
        return minutes < StableMinutes ? $"the old place is stable for {minutes} minutes; {StableMinutes} are demanded"
            : null;
    }
}
