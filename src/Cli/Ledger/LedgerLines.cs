using System.Text.Json;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Ledger;

/// <summary>The records of a ledger as lines of an export, from a file or from the server.</summary>
internal static class LedgerLines
{
    private const int PageSize = 500;

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

    /// <summary>Lines of the server's ledger, page after page, just as the export writes them.</summary>
    public static async IAsyncEnumerable<string> OfServerAsync(
        ServerClient server, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var record in server.ListAsync($"v1/ledger?page_size={PageSize}", "records", cancellation))
        {
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

    private static IEnumerable<string> OfInput()
    {
        using var reader = new StreamReader(Console.OpenStandardInput());
        while (reader.ReadLine() is { } line) yield return line;
    }
}
