using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Placements;

/// <summary>Says a change of a request in a few words.</summary>
internal static class ChangeText
{
    public static string Of(JsonElement change) =>
        $"{change.Text("field")} {change.Text("from")} -> {change.Text("to")}";

    /// <summary>The smallest change that would be granted, as the server found and tried it.</summary>
    public static string Nearest(JsonElement answer)
    {
        var nearest = answer.Field("refusal.nearestChange");
        if (nearest.ValueKind != JsonValueKind.Object) return "none that the law and the hardware permit";
        return $"{string.Join(" and ", nearest.Items("changes").Select(Of))}  (room in {nearest.Text("pool")})";
    }
}
