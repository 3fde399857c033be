namespace ControlPlane;

/// <summary>
/// One complaint about input: a stable slug, the place it is about, and a sentence that names value and limit.
/// All problems of an input are reported at once; nothing that has a problem is applied.
/// </summary>
/// <param name="Slug">Stable identifier of the kind of problem, such as <c>out-of-range</c>.</param>
/// <param name="Path">Where in the document: a field path such as <c>sites[2].power.pue</c>.</param>
/// <param name="Message">A sentence for people; names the value and what would be accepted.</param>
public sealed record Problem(string Slug, string Path, string Message)
{
    /// <summary>File the problem is in, relative to the tree that was read; null for input that is no file.</summary>
    public string? File { get; init; }

    /// <summary>Line, counted from 1; 0 when unknown.</summary>
    public int Line { get; init; }

    /// <summary>Column, counted from 1; 0 when unknown.</summary>
    public int Column { get; init; }

    public override string ToString() =>
        (File is null ? "" : $"{File}:{Line}:{Column} ") + (Path.Length == 0 ? Message : $"{Path} {Message}");
}
