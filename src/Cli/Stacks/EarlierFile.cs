using System.Text.Json;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;
using ControlPlane.Policies.Stacks;

namespace ControlPlane.Cli.Stacks;

/// <summary>
/// Reads what a preview is compared with: an earlier preview as JSON, or what `pulumi stack export` wrote.
/// </summary>
internal static class EarlierFile
{
    private const int LargestBytes = 256 << 20;

    // Properties that a provider filled in are listed by it under this name; they are no difference.
    private const string Defaults = "__defaults";

    public static Seq<PreviewedResource> Read(string path)
    {
        using var json = Parse(path);
        var root = json.RootElement;
        if (root.Field("resources").ValueKind == JsonValueKind.Array)
            return root.Items("resources").Select(Previewed).ToSeq();
        if (root.Field("deployment.resources").ValueKind == JsonValueKind.Array)
            return root.Items("deployment.resources").Where(IsCurrent).Select(Exported).ToSeq();
        throw CommandFailure.Input(
            "file-unexpected", $"{path} holds neither an earlier preview nor what `pulumi stack export` writes");
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > LargestBytes)
                throw CommandFailure.Input(
                    "file-too-large", $"{path} has {stream.Length} bytes; the limit is {LargestBytes}");
            return JsonDocument.Parse(stream);
        }
        catch (JsonException broken)
        {
            throw CommandFailure.Input("syntax", $"{path} is no JSON: {broken.Message}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw InputFile.Unreadable(path, error);
        }
    }

    private static PreviewedResource Previewed(JsonElement item) => new()
    {
        Urn = item.Text("urn"),
        Type = item.Text("type"),
        Name = item.Text("name"),
        Parent = item.Text("parent"),
        IsCustom = item.Flag("custom"),
        ProviderUrn = item.Text("provider"),
        IsProtected = item.Flag("protect"),
        Inputs = Map(item.Field("inputs")),
        Dependencies = item.Items("dependencies").Select(JsonFields.TextOf).ToSeq(),
    };

    private static PreviewedResource Exported(JsonElement item)
    {
        var urn = item.Text("urn");
        var provider = item.Text("provider");
        var cut = provider.LastIndexOf("::", StringComparison.Ordinal);
        return new PreviewedResource
        {
            Urn = urn,
            Type = item.Text("type"),
            Name = urn[(urn.LastIndexOf("::", StringComparison.Ordinal) + 2)..],
            Parent = item.Text("parent"),
            IsCustom = item.Flag("custom"),
            ProviderUrn = cut < 0 ? "" : provider[..cut],
            IsProtected = item.Flag("protect"),
            Inputs = WithoutDefaults(Map(item.Field("inputs"))),
            Dependencies = item.Items("dependencies").Select(JsonFields.TextOf).ToSeq(),
        };
    }

    // A resource that is being replaced stands in the state twice; the one marked for deletion is on its way out.
    private static bool IsCurrent(JsonElement item) => !item.Flag("delete");

    private static PlanMap Map(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && PlanValue.Of(json) is PlanMap map ? map : PlanMap.Empty;

    private static PlanMap WithoutDefaults(PlanMap map)
    {
        var filled = map[Defaults].Items.Select(item => item.Text).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return PlanMap.Of(map.Fields
            .Where(field => field.Name != Defaults && !filled.Contains(field.Name))
            .Select(field => (field.Name, Clean(field.Value))));
    }

    private static PlanValue Clean(PlanValue value) => value switch
    {
        PlanMap map => WithoutDefaults(map),
        PlanList list => new PlanList(list.Values.Select(Clean).ToSeq()),
        PlanSecret secret => new PlanSecret(Clean(secret.Value)),
        _ => value,
    };
}
