using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>Fills in what the provider classes leave out.</summary>
internal static class Defaults
{
    private static readonly string[] Truths = ["1", "t", "T", "true", "TRUE", "True"];
    private static readonly string[] Falsehoods = ["0", "f", "F", "false", "FALSE", "False"];

    /// <summary>The first of some environment variables that is set.</summary>
    public static Input<string>? Text(params string[] names) => Read(names) is { } text ? text : (Input<string>?)null;

    public static Input<bool>? Flag(params string[] names) => Read(names) switch
    {
        { } text when Truths.Contains(text) => true,
        { } text when Falsehoods.Contains(text) => false,
        _ => null,
    };

    [return: NotNullIfNotNull(nameof(value))]
    public static Input<T>? Secret<T>(Input<T>? value) =>
        value is null ? null : (Input<T>)Output.CreateSecret(value.ToOutput());

    public static InputList<T> Secret<T>(InputList<T> value) => Output.CreateSecret(value.ToOutput());

    public static InputMap<T> Secret<T>(InputMap<T> value) => Output.CreateSecret(value.ToOutput());

    public static InvokeOptions With(InvokeOptions? options, string version) => options?.Version is not null
        ? options
        : new()
        {
            Parent = options?.Parent,
            Provider = options?.Provider,
            PluginDownloadURL = options?.PluginDownloadURL,
            Version = version,
        };

    public static InvokeOutputOptions With(InvokeOutputOptions options, string version) => options.Version is not null
        ? options
        : new()
        {
            DependsOn = options.DependsOn,
            Parent = options.Parent,
            Provider = options.Provider,
            PluginDownloadURL = options.PluginDownloadURL,
            Version = version,
        };

    private static string? Read(string[] names) =>
        names.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => value is not null);
}
