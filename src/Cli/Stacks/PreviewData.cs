using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Policies.Stacks;

namespace ControlPlane.Cli.Stacks;

/// <summary>Writes a preview as data, in the form that a later preview can be compared with.</summary>
internal static class PreviewData
{
    public static JsonElement Of(PreviewReport report)
    {
        var whole = new JsonObject
        {
            ["note"] = PreviewReport.Disclaimer,
            ["stack"] = report.Preview.Stack,
            ["project"] = report.Preview.Project,
            ["file"] = report.File,
            ["counts"] = new JsonObject(report.Counts.Select(Count)),
            ["resources"] = new JsonArray([.. report.Preview.Resources.Select(Resource)]),
            ["outputs"] = Value(report.Preview.Outputs),
            ["standIns"] = Texts(report.Preview.StandIns),
            ["messages"] = Texts(report.Preview.Messages),
        };
        if (report.Changes is { } changes) whole["differences"] = new JsonArray([.. changes.Select(Change)]);
        if (report.Verdicts is { } verdicts) whole["verdicts"] = new JsonArray([.. verdicts.Select(Verdict)]);
        return JsonSerializer.SerializeToElement(whole);
    }

    private static KeyValuePair<string, JsonNode?> Count(KeyValuePair<string, int> count) =>
        new(count.Key, JsonValue.Create(count.Value));

    private static JsonObject Resource(PreviewedResource item)
    {
        var node = new JsonObject
        {
            ["urn"] = item.Urn,
            ["type"] = item.Type,
            ["name"] = item.Name,
            ["parent"] = item.Parent,
            ["custom"] = item.IsCustom,
            ["provider"] = item.ProviderUrn,
            ["protect"] = item.IsProtected,
            ["dependencies"] = Texts(item.Dependencies),
            ["inputs"] = Value(item.Inputs),
        };
        return node;
    }

    private static JsonObject Change(ChangedResource change) => new()
    {
        ["change"] = change.Change.ToString().ToLowerInvariant(),
        ["urn"] = change.Resource.Urn,
        ["properties"] = new JsonArray([.. change.Properties.Select(property => new JsonObject
        {
            ["path"] = property.Path,
            ["before"] = property.Before,
            ["after"] = property.After,
        })]),
    };

    private static JsonObject Verdict(PackVerdict verdict) => new()
    {
        ["rule"] = verdict.Rule,
        ["level"] = verdict.Level,
        ["urn"] = verdict.Urn,
        ["message"] = verdict.Message,
    };

    private static JsonArray Texts(Seq<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    // Unknown and secret values keep the engine's own marks; what is secret is not written.
    private static JsonNode? Value(PlanValue value) => value switch
    {
        PlanFlag flag => JsonValue.Create(flag.Value),
        PlanNumber number => JsonValue.Create(number.Value),
        PlanText text => JsonValue.Create(text.Value),
        PlanUnknown => JsonValue.Create(PlanValue.UnknownMarker),
        PlanSecret => new JsonObject { [PlanValue.MarkerKey] = PlanValue.SecretMarker },
        PlanList list => new JsonArray([.. list.Values.Select(Value)]),
        PlanMap map => new JsonObject(map.Fields.Select(field =>
            new KeyValuePair<string, JsonNode?>(field.Name, Value(field.Value)))),
        _ => null,
    };
}
