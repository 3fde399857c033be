using System.Diagnostics;

namespace ControlPlane.Server.Hosting;

/// <summary>Answers with problems (RFC 9457): every problem of a request at once, status and type those of the first.</summary>
internal static class ProblemAnswers
{
    public static IResult Of(params IReadOnlyList<Problem> problems) => Of(problems, null);

    public static IResult Of(IReadOnlyList<Problem> problems, TimeSpan? retryAfter)
    {
        var kind = ProblemTable.Of(problems[0]);
        return new WithRetry(retryAfter, Results.Problem(
            type: kind.Type,
            title: kind.Title,
            detail: string.Join("; ", problems.Select(problem => $"{problem.Path} {problem.Message}".Trim())),
            statusCode: kind.Status,
            extensions: new Dictionary<string, object?>
            {
                ["errors"] = problems.Select(problem => new { pointer = problem.Path, slug = problem.Slug, detail = problem.Message }),
                ["traceId"] = Activity.Current?.Id,
            }));
    }

    /// <summary>Kestrel and routing answer some requests with a bare status; gives those a body too.</summary>
    public static Problem OfStatus(int status) => status switch
    {
        StatusCodes.Status404NotFound => ProblemCatalog.NotFound.At("", "no such path"),
        StatusCodes.Status405MethodNotAllowed => ProblemCatalog.Method.At("", "see the Allow header"),
        StatusCodes.Status413PayloadTooLarge => ProblemCatalog.BodyTooLarge.At("", "the body is over the limit"),
        StatusCodes.Status415UnsupportedMediaType => ProblemCatalog.MediaType.At("Content-Type", "send application/json"),
        StatusCodes.Status400BadRequest => ProblemCatalog.Framing.At("", "the message is malformed"),
        StatusCodes.Status408RequestTimeout => ProblemCatalog.TooSlow.At("", "the body did not come in time"),
        _ => ProblemCatalog.Internal.At("", "the request could not be answered"),
    };

    private sealed class WithRetry(TimeSpan? retryAfter, IResult inner) : IResult
    {
        public Task ExecuteAsync(HttpContext context)
        {
            if (retryAfter is { } wait)
                context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return inner.ExecuteAsync(context);
        }
    }
}
