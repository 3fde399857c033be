using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ControlPlane.Server.Hosting;

/// <summary>
/// Answers a request with what is wrong with it. Status and type are those of the first problem, where what is
/// malformed comes before what is merely wrong.
/// </summary>
internal sealed class ProblemAnswer : IResult
{
    public const string MediaType = "application/problem+json";

    private static readonly ProblemJson json = new(new JsonSerializerOptions(ProblemJson.Default.Options)
    {
        // What the body holds is data for programs and logs, never part of a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private readonly Problem[] problems;
    private readonly ProblemKind kind;

    public ProblemAnswer(IEnumerable<Problem> problems)
    {
        this.problems = [.. problems.OrderBy(problem => ProblemTable.Of(problem).Status).Take(Complaints.Most)];
        kind = ProblemTable.Of(this.problems[0]);
    }

    /// <summary>Where the slug of a request's problem is found once it was answered.</summary>
    public const string SlugItem = "problem";

    public int Status => kind.Status;

    public string Slug => kind.Slug;

    /// <summary>How long the client should wait before it tries again; null says nothing about that.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the connection is of no more use.</summary>
    public bool Closes { get; init; }

    /// <summary>An answer of one problem that is about no place in the input.</summary>
    public static ProblemAnswer Of(ProblemKind kind, string detail) => new([kind.At("", detail)]);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        httpContext.Items[SlugItem] = kind.Slug;
        response.StatusCode = kind.Status;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } wait)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (Closes) response.Headers.Connection = "close";
        var body = Bytes(httpContext);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    /// <summary>The body of this answer.</summary>
    public byte[] Bytes(HttpContext context) => Bytes(problems, TraceOf(context));

    private static string TraceOf(HttpContext context) =>
        Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    /// <summary>The body of an answer, of problems in the order in which they are to be told.</summary>
    public static byte[] Bytes(IReadOnlyList<Problem> problems, string? traceId) =>
        JsonSerializer.SerializeToUtf8Bytes(DocumentOf(problems, traceId), json.ProblemDocument);

    private static ProblemDocument DocumentOf(IReadOnlyList<Problem> problems, string? traceId)
    {
        var kind = ProblemTable.Of(problems[0]);
        return new ProblemDocument
        {
            Type = kind.Type,
            Title = kind.Title,
            Status = kind.Status,
            Detail = problems.Count == 1 ? $"{problems[0]}" : $"{problems[0]}; {problems.Count} problems in all",
            Errors = [.. problems.Select(problem => new ProblemEntry
            {
                Pointer = problem.Path,
                Slug = problem.Slug,
                Detail = problem.Message,
            })],
            TraceId = traceId,
        };
    }
}
