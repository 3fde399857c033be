using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Server.Hosting;

/// <summary>Which page of a list is wanted: how many rows, after which id. A token belongs to one list.</summary>
internal sealed record PageRequest(int Size, string After)
{
    public const int DefaultSize = 100;
    public const int MostSize = 500;
    private const int MarkBytes = 8;

    private string List { get; init; } = "";

    /// <summary>Reads page_size and page_token, or says what is wrong with the token.</summary>
    public static (PageRequest Page, Problem? Problem) Of(HttpRequest request)
    {
        var list = ListOf(request);
        var size = request.Query["page_size"] is [{ } text]
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : DefaultSize;
        if (request.Query["page_token"] is not [{ } token]) return (new PageRequest(size, "") { List = list }, null);
        return Read(token, list) is { } after
            ? (new PageRequest(size, after) { List = list }, null)
            : (new PageRequest(size, ""), ProblemCatalog.PageToken.At(
                "?page_token", "was not given out by this list with these filters; start the listing again"));
    }

    /// <summary>The rows of the page, of rows that may go one beyond it, and the token of the page after.</summary>
    public (List<T> Rows, string? NextPageToken) Cut<T>(List<T> rows, Func<T, string> idOf) => rows.Count <= Size
        ? (rows, null)
        : (rows.GetRange(0, Size), TokenAfter(idOf(rows[Size - 1])));

    public string TokenAfter(string id) => Base64Url.EncodeToString([.. Mark(List, id), .. Encoding.UTF8.GetBytes(id)]);

    private static string? Read(string token, string list)
    {
        // Characters of the alphabet are not enough: their number must be one that bytes can give.
        if (!Base64Url.IsValid(token)) return null;
        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length <= MarkBytes) return null;
        var after = Encoding.UTF8.GetString(bytes.AsSpan(MarkBytes));
        return bytes.AsSpan(0, MarkBytes).SequenceEqual(Mark(list, after)) ? after : null;
    }

    /// <summary>Not a secret: whoever makes up a token gets a page that they could have got anyway.</summary>
    private static byte[] Mark(string list, string after) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{list}\n{after}"))[..MarkBytes];

    private static string ListOf(HttpRequest request) => string.Join('\n', request.Query
        .Where(item => item.Key is not ("page_size" or "page_token"))
        .OrderBy(item => item.Key, StringComparer.Ordinal)
        .Select(item => $"{item.Key}={item.Value}")
        .Prepend(request.Path.Value));
}
