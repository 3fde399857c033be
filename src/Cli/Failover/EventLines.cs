using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Failover;

/// <summary>Says events in lines, and how long a loss took to be recovered from.</summary>
internal sealed class EventLines
{
    private readonly HashSet<string> waiting = new(StringComparer.Ordinal);
    private DateTimeOffset? lostAt;
    private DateTimeOffset? suspectedAt;

    public IEnumerable<string> Of(string kind, JsonElement data)
    {
        var at = DateTimeOffset.Parse(data.Text("at"), CultureInfo.InvariantCulture);
        yield return $"{at.ToLocalTime():HH:mm:ss.f} {Sentence(kind, data)}";
        switch (kind)
        {
            case "site-suspected":
                suspectedAt ??= at;
                break;
            case "site-lost":
                (lostAt, suspectedAt) = (suspectedAt ?? at, null);
                break;
            case "move-stepped" when data.Text("step") == "starting":
                waiting.Add(data.Text("placement"));
                break;
            case "move-stepped" when data.Text("step") == "done":
                waiting.Remove(data.Text("placement"));
                if (waiting.Count == 0 && lostAt is { } since)
                    yield return $"           recovered {Seconds(at - since)} after the first suspicion";
                break;
        }
    }

    private static string Sentence(string kind, JsonElement data) => kind switch
    {
        "plan-landed" => $"plan: {data.Text("kind")}, {data.Text("moves")} move(s), {data.Text("stays")} stay put"
            + Reasons(data) + Ended(data),
        "placements-preempted" => $"{data.Text("placement")} takes its room{Ended(data)}",
        "move-stepped" => $"move {data.Text("placement")[^12..]}: {data.Text("step")}{Because(data)}",
        _ => $"{kind.Replace("site-", $"{data.Text("site")}: ", StringComparison.Ordinal)}{Because(data)}",
    };

    private static string Reasons(JsonElement data)
    {
        if (data.Field("reasons") is not { ValueKind: JsonValueKind.Object } found) return "";
        var reasons = string.Join(", ", found.EnumerateObject().Select(reason => $"{reason.Name}: {reason.Value}"));
        return reasons.Length == 0 ? "" : $" ({reasons})";
    }

    private static string Ended(JsonElement data) =>
        data.Text("preempted") is { Length: > 0 } ended ? $"; ended to make room: {ended}" : "";

    private static string Because(JsonElement data) =>
        data.Text("because") is { Length: > 0 } because ? $" ({because})" : "";

    private static string Seconds(TimeSpan span) =>
        string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s");
}
