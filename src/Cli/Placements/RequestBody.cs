using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;
using ControlPlane.Files;

namespace ControlPlane.Cli.Placements;

/// <summary>
/// A request as its file writes it, ready to be sent, with the way back from a complaint to its line.
/// </summary>
internal sealed class RequestBody
{
    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly string file;
    private readonly SourceDocument document;

    private RequestBody(string file, SourceDocument document) => (this.file, this.document) = (file, document);

    /// <summary>Reads a request file; everything that makes it unreadable is told at once.</summary>
    public static RequestBody Read(string path)
    {
        var source = InputFile.Read(path);
        var read = SourceDocument.Read(source);
        return read.IsValid ? new RequestBody(source.Path, read.Value) : throw new CommandFailure(read.Problems);
    }

    /// <summary>The body with what the command line adds to the file.</summary>
    public string Json(bool explain, int? holdSeconds)
    {
        var body = JsonNode.Parse(document.Json)!.AsObject();
        if (explain) body["explain"] = true;
        if (holdSeconds is { } seconds) body["holdSeconds"] = seconds;
        return body.ToJsonString(Plain);
    }

    /// <summary>What the server complains about, at the lines of the file.</summary>
    public CommandFailure Locate(ServerProblem problem)
    {
        var plain = problem.Failure();
        if (problem.Complaints.Count == 0) return plain;
        return new CommandFailure(plain.ExitCode, plain.Slug, plain.Message)
        {
            Hint = plain.Hint,
            Problems = problem.Complaints.Select(Locate).OrderBy(item => item.Line).ThenBy(item => item.Column).ToSeq(),
        };
    }

    private Problem Locate(ServerComplaint complaint)
    {
        var place = document.PlaceOf(complaint.Pointer);
        return new Problem(complaint.Slug, FieldPath.Of(complaint.Pointer), complaint.Detail)
        {
            File = file,
            Line = place.Line,
            Column = place.Column,
        };
    }
}
