namespace ControlPlane.Server.Hosting;

/// <summary>Describes one kind of problem that a client can meet.</summary>
/// <param name="Slug">Stable name; the problem's type is <c>/problems/</c> and this.</param>
/// <param name="Status">HTTP status when the problem is the first one of an answer.</param>
/// <param name="Title">What is wrong, the same for every occurrence.</param>
/// <param name="Explanation">What it means and what to do about it.</param>
internal sealed record ProblemKind(string Slug, int Status, string Title, string Explanation)
{
    public string Type => $"/problems/{Slug}";

    /// <summary>An occurrence at one place of the input.</summary>
    /// <param name="pointer">
    /// JSON pointer into the body; a query parameter as <c>?name</c>; a header by its name; empty for the whole.
    /// </param>
    /// <param name="message">Words that complete a sentence about the place, such as "must be 1 to 64, is 0".</param>
    public Problem At(string pointer, string message) => new(Slug, pointer, message);
}
