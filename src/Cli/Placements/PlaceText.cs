using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Placements;

/// <summary>Says where a workload was placed: in a phrase, and node by node.</summary>
internal static class PlaceText
{
    private const int MostNodesNamed = 8;

    /// <summary>Region, site and cluster; or how many of them when they are several.</summary>
    public static string Where(JsonElement answer)
    {
        var places = answer.Items("placement.places").ToList();
        if (places.Count == 0) return "nowhere";
        var clusters = Distinct(places, "cluster");
        if (clusters.Count == 1)
            return $"{places[0].Text("region")} / {places[0].Text("site")} / {places[0].Text("cluster")}";
        return $"{Several(places, "region")} / {Several(places, "site")} / {Several(places, "cluster")}";
    }

    /// <summary>How much of what: units, accelerators and price.</summary>
    public static string What(JsonElement answer)
    {
        var places = answer.Items("placement.places").ToList();
        var units = places.Sum(place => place.Whole("units"));
        var parts = new List<string> { Count(units, "unit") };
        var skus = Distinct(places, "sku").Where(sku => sku.Length > 0).ToList();
        if (skus.Count > 0) parts.Add(string.Join(", ", skus));
        if (answer.Decimal("placement.usdPerHour") is { } price) parts.Add($"USD {JsonFields.Amount(price)}/h");
        return string.Join(", ", parts);
    }

    /// <summary>Every place with its nodes and devices.</summary>
    public static void Print(Screen screen, JsonElement answer)
    {
        var numbers = new List<string>();
        if (answer.Decimal("placement.usdPerHour") is { } price) numbers.Add($"USD {JsonFields.Amount(price)}/h");
        if (answer.Decimal("placement.facilityKilowatts") is { } power) numbers.Add($"{JsonFields.Amount(power)} kW");
        if (answer.Has("placement.score")) numbers.Add($"score {answer.Text("placement.score")} (lower is better)");
        if (answer.Whole("epoch") > 0) numbers.Add($"epoch {answer.Text("epoch")}");
        foreach (var place in answer.Items("placement.places"))
        {
            var sku = place.Text("sku") is { Length: > 0 } model ? $" of {model}" : "";
            var provider = place.Text("provider") is { Length: > 0 } name
                ? $" on {name} {place.Text("providerRegion")}"
                : "";
            var where = $"{place.Text("nodePool")} ({place.Text("jurisdiction")}{provider})";
            screen.Line($"  {Count(place.Whole("units"), "unit")}{sku} in {where}");
            var nodes = place.Items("nodes").ToList();
            foreach (var node in nodes.Take(MostNodesNamed)) screen.Line($"    {node.Text("node")}  {Use(node)}");
            if (nodes.Count > MostNodesNamed) screen.Line($"    and {nodes.Count - MostNodesNamed} more");
        }

        if (numbers.Count > 0) screen.Line($"  {string.Join("   ", numbers)}");
    }

    /// <summary>Names of a field over all places, without repetition.</summary>
    public static List<string> Distinct(IEnumerable<JsonElement> places, string field) =>
        [.. places.Select(place => place.Text(field)).Distinct(StringComparer.Ordinal)];

    public static string Count(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private static string Several(List<JsonElement> places, string field)
    {
        var names = Distinct(places, field);
        return names.Count == 1 ? names[0] : $"{names.Count} {field}s";
    }

    private static string Use(JsonElement node)
    {
        var devices = node.Items("devices").Select(JsonFields.TextOf).ToList();
        // A node without a count stands for one unit.
        var units = Count(node.Has("units") ? node.Whole("units") : 1, "unit");
        if (node.Whole("shareMilli") is > 0 and var share)
            return $"{units}, {share} thousandths of device {string.Join(", ", devices)}";
        return devices.Count == 0 ? units : $"{units}, devices {string.Join(" ", devices)}";
    }
}
