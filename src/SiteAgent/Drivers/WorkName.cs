using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers;

/// <summary>
/// Names work at its scheduler: the same placement, epoch and part always have the same name, and the name alone tells
/// them again. Short enough for a Kubernetes job, whose pods carry it with a suffix.
/// </summary>
/// <param name="Part">Counts the pools that an order has units in, from 0; each gets an object of its own.</param>
internal sealed partial record WorkName(DecisionId Placement, Epoch Epoch, int Part)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"cp-{Placement.Value:n}-{Epoch.Timeline}-{Epoch.Counter}-{Part}");

    public static bool TryParse(string text, [NotNullWhen(true)] out WorkName? name)
    {
        name = null;
        if (Pattern().Match(text) is not { Success: true } match) return false;
        var culture = CultureInfo.InvariantCulture;
        if (!long.TryParse(match.Groups["timeline"].ValueSpan, culture, out var timeline)) return false;
        if (!long.TryParse(match.Groups["counter"].ValueSpan, culture, out var counter)) return false;
        if (!int.TryParse(match.Groups["part"].ValueSpan, culture, out var part)) return false;
        var placement = new DecisionId(Guid.ParseExact(match.Groups["id"].ValueSpan, "n"));
        name = new(placement, new(timeline, counter), part);
        return true;
    }

    [GeneratedRegex("^cp-(?<id>[0-9a-f]{32})-(?<timeline>[0-9]{1,19})-(?<counter>[0-9]{1,19})-(?<part>[0-9]{1,9})$")]
    private static partial Regex Pattern();
}
