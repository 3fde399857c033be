using System.Globalization;
using System.Text;
using ControlPlane.Files;

namespace ControlPlane.Server.Hosting;

/// <summary>Which page of a list is wanted: how many rows, after which id.</summary>
internal sealed record PageRequest(int Size, string After)
{
    private const int DefaultSize = 100;
    private const int MostSize = 500;
    private const string Mark = "after:";

    /// <summary>Reads page_size and page_token, and refuses parameters that the list does not know.</summary>
    public static (PageRequest Page, List<Problem> Problems) Of(HttpRequest request, params string[] filters)
    {
        var problems = new List<Problem>();
        string[] known = ["page_size", "page_token", .. filters];
        foreach (var name in request.Query.Keys.Where(name => !known.Contains(name, StringComparer.Ordinal)))
            problems.Add(ProblemCatalog.UnknownField.At($"?{name}", $"is not known{NearestName.Hint(name, known)}"));
        var size = DefaultSize;
        if (request.Query["page_size"] is [{ } text]
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size is < 1 or > MostSize))
            problems.Add(ProblemCatalog.OutOfRange.At("?page_size", $"must be 1 to {MostSize}, is '{text}'"));
        var after = request.Query["page_token"] is [{ } token] ? Read(token) : "";
        if (after is null) problems.Add(ProblemCatalog.PageToken.At("?page_token", "was not given out by this list; start the listing again"));
        return (new PageRequest(size, after ?? ""), problems);
    }

    /// <summary>The token of the page after a row.</summary>
    public static string TokenAfter(string id) => Convert.ToBase64String(Encoding.UTF8.GetBytes(Mark + id)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string? Read(string token)
    {
        var padded = token.Replace('-', '+').Replace('_', '/') + new string('=', (4 - (token.Length % 4)) % 4);
        var bytes = new byte[padded.Length];
        if (!Convert.TryFromBase64String(padded, bytes, out var length)) return null;
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        return text.StartsWith(Mark, StringComparison.Ordinal) ? text[Mark.Length..] : null;
    }
}
