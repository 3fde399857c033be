using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using ControlPlane.Failover;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers;

/// <summary>
/// Names work at its scheduler: the same placement and epoch always have the same name, and the name alone tells them
/// again. Short enough for a Kubernetes job, whose pods carry it with a suffix.
/// </summary>
internal sealed partial record WorkName(DecisionId Placement, Epoch Epoch)
{
    /// <summary>Label of a workload that names the image to run.</summary>
    public const string ImageLabel = "cplane/image";

    /// <summary>Label of a workload that gives the command to run, as a shell reads it.</summary>
    public const string CommandLabel = "cplane/command";

    /// <summary>Name of the variable by which work learns its own name.</summary>
    public const string Variable = "CPLANE_WORK";

    public static WorkName Of(WorkOrder order) => new(order.Placement, order.Epoch);

    public static string? LabelOf(WorkOrder order, string key)
    {
        foreach (var label in order.Labels)
        {
            if (label.Key == key) return label.Value;
        }

        return null;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"cp-{Placement.Value:n}-{Epoch.Timeline}-{Epoch.Counter}");

    public static bool TryParse(string? text, [NotNullWhen(true)] out WorkName? name)
    {
        name = null;
        if (text is null || Pattern().Match(text) is not { Success: true } match) return false;
        var culture = CultureInfo.InvariantCulture;
        if (!long.TryParse(match.Groups["timeline"].ValueSpan, culture, out var timeline)) return false;
        if (!long.TryParse(match.Groups["counter"].ValueSpan, culture, out var counter)) return false;
        name = new(new(Guid.ParseExact(match.Groups["id"].ValueSpan, "n")), new(timeline, counter));
        return true;
    }

    [GeneratedRegex("^cp-(?<id>[0-9a-f]{32})-(?<timeline>[0-9]{1,19})-(?<counter>[0-9]{1,19})$")]
    private static partial Regex Pattern();
}
