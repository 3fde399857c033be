using System.Globalization;
using System.Text.Json;

namespace Pulumi;

/// <summary>Holds what the engine tells a program about the run.</summary>
internal sealed record DeploymentSettings
{
    public required string Organization { get; init; }

    public required string Project { get; init; }

    public required string Stack { get; init; }

    public required bool IsDryRun { get; init; }

    public ImmutableDictionary<string, string> Config { get; init; } = ImmutableDictionary<string, string>.Empty;

    public string Monitor { get; init; } = "";

    public string Engine { get; init; } = "";

    /// <summary>References to resources can be turned off where a provider cannot take them.</summary>
    public bool AcceptResources { get; init; } = true;

    /// <summary>Reads what the engine put into the environment; without an engine there is nothing to do.</summary>
    public static DeploymentSettings FromEnvironment(Func<string, string?> read)
    {
        var monitor = read("PULUMI_MONITOR");
        var engine = read("PULUMI_ENGINE");
        var project = read("PULUMI_PROJECT");
        var stack = read("PULUMI_STACK");
        if (string.IsNullOrEmpty(monitor)
            || string.IsNullOrEmpty(engine)
            || string.IsNullOrEmpty(project)
            || string.IsNullOrEmpty(stack)
            || !bool.TryParse(read("PULUMI_DRY_RUN"), out var isDryRun)
            || !bool.TryParse(read("PULUMI_QUERY_MODE"), out _)
            || !int.TryParse(read("PULUMI_PARALLEL"), NumberStyles.Integer, CultureInfo.InvariantCulture, out _))
        {
            throw new InvalidOperationException(
                "Program run without the Pulumi engine available; re-run using the `pulumi` CLI");
        }
        var disabled = read("PULUMI_DISABLE_RESOURCE_REFERENCES");
        return new()
        {
            Monitor = monitor,
            Engine = engine,
            Organization = read("PULUMI_ORGANIZATION") ?? "organization",
            Project = project,
            Stack = stack,
            IsDryRun = isDryRun,
            Config = ParseConfig(read("PULUMI_CONFIG")),
            AcceptResources = disabled != "1" && !string.Equals(disabled, "TRUE", StringComparison.OrdinalIgnoreCase),
        };
    }

    public static ImmutableDictionary<string, string> ParseConfig(string? json)
    {
        if (string.IsNullOrEmpty(json))
        {
            return ImmutableDictionary<string, string>.Empty;
        }
        var values = ImmutableDictionary.CreateBuilder<string, string>();
        using var document = JsonDocument.Parse(json);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            values[CleanKey(property.Name)] = property.Value.ToString();
        }
        return values.ToImmutable();
    }

    /// <summary>Old stacks say <c>name:config:key</c> where new ones say <c>name:key</c>.</summary>
    private static string CleanKey(string key) =>
        key.Split(':') is [var name, "config", .. { Length: > 0 } rest] ? $"{name}:{string.Join(':', rest)}" : key;
}
