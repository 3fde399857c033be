using System.Text.Json;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Client;

/// <summary>A place in a request that the server complains about.</summary>
internal sealed record ServerComplaint(string Pointer, string Slug, string Detail);

/// <summary>An answer by which the server declines: what is wrong, as RFC 9457 writes it.</summary>
internal sealed record ServerProblem(int Status, string Slug, string Title, string Detail)
{
    public Seq<ServerComplaint> Complaints { get; init; }

    /// <summary>Name under which the server's records have the request; empty when it gave none.</summary>
    public string TraceId { get; init; } = "";

    public int ExitCode => Status switch
    {
        _ when Slug == "placements-unlawful" => Terminal.ExitCode.NotAuthorised,
        401 or 403 => Terminal.ExitCode.NotAuthorised,
        409 or 412 or 428 => Terminal.ExitCode.Conflict,
        429 or >= 500 => Terminal.ExitCode.Unreachable,
        _ => Terminal.ExitCode.InvalidInput,
    };

    /// <summary>Whether the same request may succeed in a moment.</summary>
    public bool IsPassing => Status is 429 or 503 || Slug == "idempotency-in-progress";

    public static ServerProblem From(int status, JsonElement body)
    {
        var type = body.Text("type");
        var slug = type.StartsWith("/problems/", StringComparison.Ordinal)
            ? type["/problems/".Length..]
            : $"http-{status}";
        return new ServerProblem(status, slug, body.Text("title"), body.Text("detail"))
        {
            Complaints = body.Items("errors")
                .Select(error => new ServerComplaint(error.Text("pointer"), error.Text("slug"), error.Text("detail")))
                .ToSeq(),
            TraceId = body.Text("traceId"),
        };
    }

    /// <summary>The problem as the end of a command.</summary>
    public CommandFailure Failure()
    {
        var message = (Title.Length, Detail.Length) switch
        {
            (0, 0) => $"the server answered {Status}",
            (_, 0) => Title,
            (0, _) => Detail,
            _ => Detail.StartsWith(Title, StringComparison.Ordinal) ? Detail : $"{Title}: {Detail}",
        };
        var trace = Status >= 500 && TraceId.Length > 0 ? $"the server's logs have it as trace {TraceId}" : null;
        if (Complaints.Count == 0) return new CommandFailure(ExitCode, Slug, message) { Hint = trace };
        return new CommandFailure(ExitCode, Slug, message)
        {
            Problems = Complaints
                .Select(item => new Problem(item.Slug, FieldPath.Of(item.Pointer), item.Detail))
                .ToSeq(),
            Hint = trace,
        };
    }
}
