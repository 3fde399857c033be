using System.Text.Json;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Regions.Stacks;

namespace ControlPlane.Cli.Stacks;

/// <summary>The configuration of a stack as its file holds it, with stand-ins for what only its owner knows.</summary>
internal sealed record StackConfig
{
    public const string Project = "control-plane";

    private const string NoId = "00000000-0000-0000-0000-000000000000";

    public required string Stack { get; init; }

    public required SortedDictionary<string, string> Values { get; init; }

    public required SortedSet<string> SecretKeys { get; init; }

    /// <summary>Keys whose values are made up.</summary>
    public required Seq<string> StandIns { get; init; }

    /// <summary>What the stack's file holds, with stand-ins for what the region's stack also asks for.</summary>
    public static StackConfig Read(StackTree tree, FleetRegion region)
    {
        var file = ReadFile(tree, region.Id.Value);
        var standIns = new List<string>();
        foreach (var (key, value, isSecret) in Wanted(region))
        {
            if (!file.Values.TryAdd(key, value)) continue;
            standIns.Add($"configuration {key}");
            if (isSecret) file.SecretKeys.Add(key);
        }

        return file with { StandIns = standIns.ToSeq() };
    }

    /// <summary>What the stack's file holds, and nothing else.</summary>
    public static StackConfig ReadFile(StackTree tree, string stack)
    {
        var name = $"stacks/config/Pulumi.{stack}.yaml";
        var path = Path.Combine(tree.Root, name);
        if (!File.Exists(path))
            throw new CommandFailure(ExitCode.InvalidInput, "file-unreadable", $"{name} is not there")
            {
                Hint = "every stack has its settings; start with those of another region, and give free address blocks",
            };
        var file = InputFile.Read(path);
        var document = SourceDocument.Read(file with { Path = name });
        if (!document.IsValid) throw new CommandFailure(document.Problems);
        using var json = JsonDocument.Parse(document.Value.Json);
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var secrets = new SortedSet<string>(StringComparer.Ordinal);
        var config = json.RootElement.Field("config");
        foreach (var entry in config.ValueKind == JsonValueKind.Object ? config.EnumerateObject() : default)
        {
            var isSecret = entry.Value.ValueKind == JsonValueKind.Object && entry.Value.TryGetProperty("secure", out _);
            var key = entry.Name.Contains(':', StringComparison.Ordinal) ? entry.Name : $"{Project}:{entry.Name}";
            values[key] = isSecret ? "(secret)" : TextOf(entry.Value);
            if (isSecret) secrets.Add(key);
        }

        return new StackConfig { Stack = stack, Values = values, SecretKeys = secrets, StandIns = [] };
    }

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    // What a program asks for and a reviewer must not need to have.
    private static IEnumerable<(string Key, string Value, bool IsSecret)> Wanted(FleetRegion region)
    {
        yield return ($"{Project}:joinToken", "(join token)", true);
        var clusters = region.Spec.Sites.SelectMany(site => site.Clusters)
            .Where(cluster => cluster.Scheduler == SchedulerKind.Kubernetes)
            .ToList();
        if (clusters.Any(cluster => cluster.Provider == "azure"))
            yield return ($"{Project}:azureSubscription", NoId, false);
        foreach (var cluster in clusters.Where(cluster => !RegionPlanner.Clouds.Contains(cluster.Provider)))
            yield return ($"{Project}:kubeconfig-{cluster.Cluster}", "(kubeconfig)", true);
    }
}
