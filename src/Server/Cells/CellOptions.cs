using System.Globalization;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Server.Cells;

/// <summary>Holds which cell a server is, and which directory it tells its numbers.</summary>
/// <param name="File">The cell as it stands among the declared files; null when they say it themselves.</param>
/// <param name="Directory">The directory; null when there is none, which keeps nobody from deciding.</param>
/// <param name="DirectoryAuthority">PEM file with the authority of its certificate; null for the system's.</param>
/// <param name="Every">How often it is told.</param>
internal sealed record CellOptions(SourceFile? File, Uri? Directory, string? DirectoryAuthority, TimeSpan Every)
{
    private const int MostSeconds = 3_600;

    public static CellOptions None { get; } = new(null, null, null, TimeSpan.FromSeconds(10));

    /// <summary>Names of all options about cells.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["--cell", "--directory", "--directory-ca", "--directory-every", "--serve-directory"];

    /// <summary>The cell, where an option names it.</summary>
    public CellSpec? Spec => File is { } file ? YamlBinder.Bind<CellSpec>(file).Value : null; // checked when read

    public static CellOptions Parse(Func<string, string?> value, List<Problem> problems) => new(
        ParseFile(value("--cell"), problems),
        ParseUrl(value("--directory"), problems),
        value("--directory-ca") is { } authority ? Path.GetFullPath(authority) : null,
        ParseSeconds(value("--directory-every"), problems));

    /// <summary>The files of a fleet with the one that says which cell it is.</summary>
    public Seq<SourceFile> With(Seq<SourceFile> files) => File is { } file ? files.Append(file).ToSeq() : files;

    private static SourceFile? ParseFile(string? path, List<Problem> problems)
    {
        if (path is null) return null;
        try
        {
            var file = new SourceFile(RegionFiles.Cell, System.IO.File.ReadAllText(path));
            var read = YamlBinder.Bind<CellSpec>(file with { Path = path });
            problems.AddRange(read.Problems.Select(problem => new Problem("usage", "--cell", $"{problem}")));
            return read.IsValid ? file : null;
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            problems.Add(new Problem("usage", "--cell", $"cannot be read: {broken.Message}"));
            return null;
        }
    }

    private static Uri? ParseUrl(string? text, List<Problem> problems)
    {
        if (text is null) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url)
            && (url.Scheme == "https" || (url.Scheme == "http" && url.IsLoopback))
            && url.PathAndQuery == "/") return url;
        problems.Add(new Problem(
            "usage", "--directory", $"must be like https://directory.example:8450; http is for loopback; is '{text}'"));
        return null;
    }

    private static TimeSpan ParseSeconds(string? text, List<Problem> problems)
    {
        if (text is null) return None.Every;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= 1 and <= MostSeconds) return TimeSpan.FromSeconds(seconds);
        problems.Add(new Problem("usage", "--directory-every", $"must be 1 to {MostSeconds} seconds, is '{text}'"));
        return None.Every;
    }
}
