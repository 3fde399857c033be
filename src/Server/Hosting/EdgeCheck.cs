using System.Net.Mime;
using ControlPlane.Files;
using ControlPlane.Server.Database;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ControlPlane.Server.Hosting;

/// <summary>
/// Looks at every request before its endpoint does: framing, what the client accepts, ids in the path and query
/// parameters as the operation declares them. What an endpoint throws becomes an answer here.
/// </summary>
internal sealed class EdgeCheck(RequestDelegate next)
{
    private static readonly TimeSpan StoreRetry = TimeSpan.FromSeconds(2);

    public async Task InvokeAsync(HttpContext context)
    {
        SecurityHeaders.Set(context.Response.Headers);
        var answer = Refusal(context);
        if (answer is null)
        {
            try
            {
                await next(context);
                return;
            }
            catch (BadHttpRequestException broken) when (!context.Response.HasStarted)
            {
                answer = new ProblemAnswer([StatusProblem.Of(broken.StatusCode)]) { Closes = true };
            }
            catch (Exception lost) when (DatabaseLost.Is(lost) && !context.Response.HasStarted)
            {
                answer = new ProblemAnswer([ProblemCatalog.StoreUnavailable.At("", "the database cannot be reached")])
                {
                    RetryAfter = StoreRetry,
                };
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The client has gone; there is nobody to answer.
                return;
            }
        }

        await answer.ExecuteAsync(context);
    }

    private static ProblemAnswer? Refusal(HttpContext context)
    {
        if (IsSmuggled(context.Request))
        {
            return new ProblemAnswer(
                [ProblemCatalog.Framing.At("", "has both Content-Length and Transfer-Encoding")]) { Closes = true };
        }

        if (context.GetEndpoint()?.Metadata.GetMetadata<ApiOperation>() is not { } operation) return null;
        var problems = new List<Problem>();
        if (context.Request.RouteValues["id"] is string id && IdProblem(operation.PathId, id) is { } wrongId)
            problems.Add(wrongId);
        CheckQuery(context.Request.Query, operation, problems);
        if (!Accepts(context.Request.Headers.Accept, operation))
        {
            problems.Add(ProblemCatalog.NotAcceptable.At(
                HeaderNames.Accept, "leaves out what the answer is written in"));
        }

        return problems.Count > 0 ? new ProblemAnswer(problems) : null;
    }

    /// <summary>Kestrel takes Content-Length off a request that is chunked too, and keeps it under this name.</summary>
    private static bool IsSmuggled(HttpRequest request) =>
        request.Headers.ContainsKey(HeaderNames.TransferEncoding)
        && (request.Headers.ContainsKey("X-Content-Length") || request.Headers.ContentLength is not null);

    private static Problem? IdProblem(PathIdForm form, string id) => form switch
    {
        PathIdForm.Uuid when !Guid.TryParseExact(id, "D", out _) =>
            ProblemCatalog.IdFormat.At("id", $"must be a UUID with hyphens, is '{Shown.Text(id)}'"),
        PathIdForm.Name when !FieldReader.IsName(id) =>
            ProblemCatalog.IdFormat.At(
                "id", $"must be {NameFormatAttribute.DefaultExplanation}, is '{Shown.Text(id)}'"),
        _ => null,
    };

    private static void CheckQuery(IQueryCollection query, ApiOperation operation, List<Problem> problems)
    {
        foreach (var (name, values) in query)
        {
            if (problems.Count == Complaints.Most) return;
            var parameter = operation.Query.FirstOrDefault(known => known.Name == name);
            if (parameter is null)
                problems.Add(ProblemCatalog.UnknownField.At(
                    $"?{Shown.Text(name)}",
                    $"is not known{NearestName.Hint(Shown.Text(name), operation.Query.Select(known => known.Name))}"));
            else if (values.Count != 1)
                problems.Add(ProblemCatalog.JsonDuplicate.At($"?{name}", $"is given {values.Count} times"));
            else if (parameter.Check(values[0] ?? "") is { } problem)
                problems.Add(problem);
        }
    }

    private static bool Accepts(StringValues accept, ApiOperation operation)
    {
        if (accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(accept, out var ranges)) return accept.Count == 0;
        return operation.Answers.Select(answer => answer.MediaType).Append(MediaTypeNames.Application.ProblemJson)
            .Concat(operation.Streams is null ? [] : [ApiOperation.LinesMediaType])
            .Any(type => IsWanted(new MediaTypeHeaderValue(type), ranges));
    }

    /// <summary>The most specific range that covers a type says whether it is wanted: q=0 says no.</summary>
    private static bool IsWanted(MediaTypeHeaderValue type, IList<MediaTypeHeaderValue> ranges) => ranges
        .Where(type.IsSubsetOf)
        .OrderByDescending(range => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2)
        .FirstOrDefault() is { } closest && closest.Quality is not 0.0;
}
