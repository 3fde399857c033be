using System.ComponentModel;
using System.Text.Json.Serialization;

namespace ControlPlane.Server.Hosting;

/// <summary>Says on the wire what is wrong with a request, as RFC 9457 has it.</summary>
internal sealed record ProblemDocument
{
    [Description("/problems/ and the slug of the first problem; the path explains it.")]
    public required string Type { get; init; }

    [Description("What is wrong, the same for every occurrence.")]
    public required string Title { get; init; }

    public required int Status { get; init; }

    [Description("What is wrong this time.")]
    public required string Detail { get; init; }

    [Description("Every problem of the request, at most 100.")]
    public required IReadOnlyList<ProblemEntry> Errors { get; init; }

    [Description("Leads to the log.")]
    public string? TraceId { get; init; }
}

/// <summary>One of the problems of a request.</summary>
internal sealed record ProblemEntry
{
    [Description("JSON pointer into the body, ?name for a query parameter, or the name of a header.")]
    public required string Pointer { get; init; }

    public required string Slug { get; init; }

    public required string Detail { get; init; }
}

/// <summary>Explains one kind of problem.</summary>
internal sealed record ProblemExplanation
{
    public required string Type { get; init; }
    public required string Title { get; init; }
    public required int Status { get; init; }
    public required string Explanation { get; init; }
}

/// <summary>Writes problems without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(ProblemExplanation))]
internal sealed partial class ProblemJson : JsonSerializerContext;
