using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Hosting;

/// <summary>
/// Declares one operation of the API: its name, what it takes and what it can answer. The edge enforces what stands
/// here about ids and query parameters, and the document of the API is made from it.
/// </summary>
/// <param name="Id">Stable name, as client generators use it.</param>
/// <param name="Tag">Heading it stands under.</param>
/// <param name="Summary">What it does, without a full stop.</param>
internal sealed record ApiOperation(string Id, string Tag, string Summary)
{
    /// <summary>Form of a stream: JSON texts, one a line.</summary>
    public const string LinesMediaType = "application/x-ndjson";

    public string? Description { get; init; }

    /// <summary>
    /// What its caller must be allowed to do; <see cref="Permission.Everybody"/> when nothing is asked. An operation
    /// that does not say lets nobody through.
    /// </summary>
    public Permission? Needs { get; init; }

    /// <summary>
    /// Whether the answer is about the whole fleet and cannot be narrowed: whoever is kept out of some jurisdiction of
    /// it is refused.
    /// </summary>
    public bool IsOfWholeFleet { get; init; }

    /// <summary>Form of {id} in the path.</summary>
    public PathIdForm PathId { get; init; }

    public Seq<QueryParameter> Query { get; init; } = [];

    public ApiBody? Body { get; init; }

    /// <summary>What a stream of lines holds, each way; null when it takes none.</summary>
    public string? Streams { get; init; }

    /// <summary>Whether it asks for decisions, of which a tenant may have so many in a second.</summary>
    public bool IsRated { get; init; }

    /// <summary>Whether it takes an Idempotency-Key.</summary>
    public bool IsKeyed { get; init; }

    /// <summary>Whether it takes an If-Match with an epoch.</summary>
    public bool TakesIfMatch { get; init; }

    public required Seq<ApiAnswer> Answers { get; init; }

    /// <summary>What can go wrong beside what can go wrong with every request.</summary>
    public Seq<ProblemKind> Problems { get; init; } = [];
}

/// <summary>What an id in a path looks like.</summary>
internal enum PathIdForm
{
    None,
    Uuid,
    Name,
    Slug,
}

/// <summary>Describes a body: the type that shows its form, its limit, and bodies to try.</summary>
internal sealed record ApiBody(Type Type, int MostBytes, Seq<ApiExample> Examples);

/// <summary>Shows a body that is accepted.</summary>
internal sealed record ApiExample(string Name, string Summary, string Json);

/// <summary>Describes a good answer; without a type it has no body.</summary>
internal sealed record ApiAnswer(int Status, Type? Type, string Description)
{
    public string MediaType { get; init; } = "application/json";

    /// <summary>Header that the answer carries, with its description.</summary>
    public (string Name, string Description)? Header { get; init; }
}

/// <summary>Puts the declaration of an operation on its endpoint.</summary>
internal static class ApiOperationEndpoint
{
    private static readonly string[] readMethods = ["GET", "HEAD"];

    /// <summary>GET, and HEAD as HTTP asks for it.</summary>
    public static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder routes, string path, Delegate handler) =>
        routes.MapMethods(path, readMethods, handler);

    public static void Declared(this RouteHandlerBuilder endpoint, ApiOperation operation) => endpoint
        .WithName(operation.Id)
        .WithTags(operation.Tag)
        .WithSummary(operation.Summary)
        .WithMetadata(operation);
}
