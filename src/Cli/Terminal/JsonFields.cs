using System.Globalization;
using System.Text.Json;

namespace ControlPlane.Cli.Terminal;

/// <summary>Reads fields of the server's answers; a field that is not there reads as nothing.</summary>
internal static class JsonFields
{
    /// <summary>A field by its path, such as <c>placement.usdPerHour</c>; undefined when there is none.</summary>
    public static JsonElement Field(this JsonElement element, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return default;
        }

        return element;
    }

    public static bool Has(this JsonElement element, string path) =>
        element.Field(path).ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>The field as text: numbers as they were sent, lists with commas; empty when there is none.</summary>
    public static string Text(this JsonElement element, string path) => TextOf(element.Field(path));

    public static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(TextOf)),
        _ => value.GetRawText(),
    };

    public static long Whole(this JsonElement element, string path) =>
        element.Field(path) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value)
            ? value
            : 0;

    public static decimal? Decimal(this JsonElement element, string path) =>
        element.Field(path) is { ValueKind: JsonValueKind.Number } number && number.TryGetDecimal(out var value)
            ? value
            : null;

    public static bool Flag(this JsonElement element, string path) =>
        element.Field(path).ValueKind == JsonValueKind.True;

    public static IEnumerable<JsonElement> Items(this JsonElement element, string path) =>
        element.Field(path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>A number with at most two decimals, the way people read amounts.</summary>
    public static string Amount(decimal value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);
}
