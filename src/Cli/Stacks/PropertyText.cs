using System.Globalization;
using System.Text.Json;
using ControlPlane.Policies.Stacks;

namespace ControlPlane.Cli.Stacks;

/// <summary>
/// Shows properties one a line, by their paths. Secrets are never shown, nor told apart by their values.
/// </summary>
internal static class PropertyText
{
    public const string Unknown = "[known at the update]";
    private const string Secret = "[secret]";

    public static SortedDictionary<string, string> Lines(PlanMap inputs)
    {
        var lines = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in inputs.Fields) Add(lines, field.Name, field.Value);
        return lines;
    }

    private static void Add(SortedDictionary<string, string> lines, string path, PlanValue value)
    {
        switch (value)
        {
            case PlanMap { Fields.Count: > 0 } map:
                foreach (var field in map.Fields) Add(lines, $"{path}.{Name(field.Name)}", field.Value);
                break;
            case PlanList { Values.Count: > 0 } list:
                for (var index = 0; index < list.Values.Count; index++)
                    Add(lines, $"{path}[{index}]", list.Values[index]);
                break;
            case PlanNothing:
                break;
            default:
                lines[path] = Show(value);
                break;
        }
    }

    private static string Name(string field) =>
        field.AsSpan().ContainsAny(".[]\" ") ? JsonSerializer.Serialize(field) : field;

    private static string Show(PlanValue value) => value switch
    {
        PlanSecret => Secret,
        PlanUnknown => Unknown,
        PlanFlag flag => flag.Value ? "true" : "false",
        PlanNumber number => number.Value.ToString(CultureInfo.InvariantCulture),
        PlanText text => Terminal.DataText.Json(JsonSerializer.SerializeToElement(text.Value)),
        PlanList => "[]",
        _ => "{}",
    };
}
