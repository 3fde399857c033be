using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;
using ControlPlane.Ledger;

namespace ControlPlane.Cli.Ledger;

/// <summary>The records of a ledger as lines of an export, from a file or from the server.</summary>
internal static class LedgerLines
{
    private const int PageSize = 500;

    private const string PositionMark = "{\"position\":";

    /// <summary>Directory that a server writes records to before their content goes.</summary>
    public static Option<string?> ArchiveOption() => new("--archive")
    {
        Description = "Directory of records whose content the server let go (--audit-archive); they are read first",
        HelpName = "DIR",
    };

    /// <summary>
    /// Lines of a file, or of the server when none is named, behind those of an archive when one is named.
    /// </summary>
    public static IEnumerable<string> Of(
        CommandRun run, (string? File, string? Archive) from, CancellationToken cancellation)
    {
        var archived = 0L;
        if (from.Archive is { } directory)
        {
            foreach (var line in OfArchive(directory))
            {
                archived = PositionOf(line) ?? archived;
                yield return line;
            }
        }

        var rest = from.File is { } file
            ? OfFile(file).SkipWhile(line => PositionOf(line) <= archived)
            : OfServerAsync(run.Server, archived, cancellation).ToBlockingEnumerable(cancellation);
        foreach (var line in rest) yield return line;
    }

    private static IEnumerable<string> OfArchive(string directory)
    {
        List<string> files;
        try
        {
            files = [.. Directory.EnumerateFiles(directory, "ledger-*.jsonl").Order(StringComparer.Ordinal)];
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw InputFile.Unreadable(directory, reason);
        }

        if (files.Count == 0) throw CommandFailure.Input("not-found", $"{directory} holds no archived records");
        return files.SelectMany(OfFile);
    }

    /// <summary>Null when the line does not begin as one of an export does; what is wrong is said elsewhere.</summary>
    private static long? PositionOf(string line)
    {
        var end = line.IndexOf(',', StringComparison.Ordinal);
        return end > PositionMark.Length && line.StartsWith(PositionMark, StringComparison.Ordinal)
            && long.TryParse(
                line.AsSpan(PositionMark.Length, end - PositionMark.Length), NumberStyles.None,
                CultureInfo.InvariantCulture, out var position)
            ? position
            : null;
    }

    /// <summary>Lines of a file, read as they are needed.</summary>
    public static IEnumerable<string> OfFile(string path)
    {
        IEnumerator<string> lines;
        try
        {
            lines = path == "-" ? OfInput().GetEnumerator() : File.ReadLines(path).GetEnumerator();
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw InputFile.Unreadable(path, reason);
        }

        using (lines)
        {
            while (lines.MoveNext()) yield return lines.Current;
        }
    }

    /// <summary>Lines of the server's whole ledger.</summary>
    public static IAsyncEnumerable<string> OfServerAsync(ServerClient server, CancellationToken cancellation) =>
        OfServerAsync(server, 0, cancellation);

    /// <summary>
    /// Lines of the server's ledger behind a position, page after page, just as the export writes them.
    /// </summary>
    public static async IAsyncEnumerable<string> OfServerAsync(
        ServerClient server, long after,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"v1/ledger?page_size={PageSize}&after={after}");
        RetiredRecord? before = null;
        await foreach (var record in server.ListAsync(path, "records", cancellation))
        {
            var retired = record.TryGetProperty("leaf", out var leaf) ? RetiredOf(record, leaf) : null;
            // A hash stands only where content follows, which it can be held against.
            if (before is not null)
                yield return LedgerExport.Line(retired is null ? before : before with { Hash = null });
            before = retired;
            if (retired is not null) continue;
            yield return JsonSerializer.Serialize(new
            {
                position = record.Whole("position"),
                at = record.Text("at"),
                kind = record.Text("kind"),
                hash = record.Text("hash"),
                body = record.Text("body"),
            });
        }
    }

    private static RetiredRecord RetiredOf(JsonElement record, JsonElement leaf) => new(
        record.Whole("position"), Hex(leaf.GetString()!),
        record.TryGetProperty("hash", out var hash) ? Hex(hash.GetString()!) : null);

    private static Seq<byte> Hex(string text) => Convert.FromHexString(text).ToSeq();

    private static IEnumerable<string> OfInput()
    {
        using var reader = new StreamReader(Console.OpenStandardInput());
        while (reader.ReadLine() is { } line) yield return line;
    }
}
