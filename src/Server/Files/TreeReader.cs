using System.Text;

namespace ControlPlane.Files;

/// <summary>
/// Reads the declared YAML files below a folder, and nothing else: no link that leads out of it, nothing too large,
/// nothing that is not UTF-8. All problems are told at once; the order of the result does not depend on the disk.
/// </summary>
internal static class TreeReader
{
    /// <summary>Most bytes of one file; the same limit that reading its text has.</summary>
    private const int LargestFileBytes = 1 << 20;

    private const int MostFiles = 10_000;
    private const int DeepestFolder = 16;
    private const int MostLinks = 40;

    /// <summary>
    /// The YAML files below the named folders of a root, or below all of it when none is named. Paths are relative to
    /// the root, with forward slashes, in ordinal order. A named folder that does not exist is a problem.
    /// </summary>
    public static Checked<TreeFiles> Read(string root, params IReadOnlyList<string> folders)
    {
        var reading = new Reading(Path.GetFullPath(root));
        if (!Directory.Exists(reading.Root)) reading.Report("file-unreadable", "", "is no folder that can be read");
        else if (folders.Count == 0) reading.Folder(reading.Root, 0);
        foreach (var folder in folders.Where(_ => Directory.Exists(reading.Root)))
        {
            reading.NamedFolder(Path.Combine(reading.Root, folder));
        }

        return reading.Finish();
    }

    private static bool IsYaml(string path) =>
        path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase)
        || path.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);

    private sealed class Reading(string root)
    {
        private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

        private readonly string realRoot = RealPath(root) ?? root;
        private readonly List<SourceFile> files = [];
        private readonly List<Problem> problems = [];
        private int seen;

        public string Root => root;

        public void Folder(string folder, int depth)
        {
            if (depth > DeepestFolder)
            {
                Report("too-many", Relative(folder), $"is nested deeper than {DeepestFolder} folders");
                return;
            }

            foreach (var entry in EntriesOf(folder))
            {
                if (++seen > MostFiles)
                {
                    var first = seen == MostFiles + 1;
                    if (first) Report("too-many", Relative(folder), $"goes over the limit of {MostFiles} entries");
                    return;
                }

                Visit(entry, depth);
            }
        }

        public void NamedFolder(string folder)
        {
            if (!Directory.Exists(folder)) Report("file-unreadable", Relative(folder), "is no folder that can be read");
            else if (RealPath(folder) is not { } real || !IsInside(real))
                Report("path-escape", Relative(folder), "leads out of the tree");
            else Folder(folder, 0);
        }

        public Checked<TreeFiles> Finish() => problems.Count > 0
            ? Checked<TreeFiles>.Invalid(problems)
            : Checked<TreeFiles>.Valid(new TreeFiles(
                files.DistinctBy(file => file.Path).OrderBy(file => file.Path, StringComparer.Ordinal).ToSeq()));

        public void Report(string slug, string path, string message) =>
            problems.Add(new Problem(slug, "", message)
            {
                File = path.Length == 0 ? root : path,
                Line = 1,
                Column = 1,
            });

        public string Relative(string path) =>
            Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');

        private void Visit(FileSystemInfo entry, int depth)
        {
            // Hidden folders hold the tools' own files, such as version control.
            if (entry is DirectoryInfo && entry.Name.StartsWith('.')) return;
            if (entry.LinkTarget is not null && !StaysInside(entry)) return;
            if (Directory.Exists(entry.FullName)) Folder(entry.FullName, depth + 1);
            else if (IsYaml(entry.Name)) ReadFile(entry.FullName);
        }

        // A link to a folder is refused even inside the tree: it could lead back to itself or show a file twice.
        private bool StaysInside(FileSystemInfo link)
        {
            var name = Relative(link.FullName);
            if (RealPath(link.FullName) is not { } target)
            {
                Report("file-unreadable", name, "is a link that leads round in a circle");
                return false;
            }

            if (!IsInside(target)) Report("path-escape", name, $"is a link that leads out of the tree, to {target}");
            else if (Directory.Exists(target)) Report("path-escape", name, "is a link to a folder, which is refused");
            else if (!File.Exists(target) && IsYaml(link.Name)) Report("file-unreadable", name, "is a link to nothing");
            return IsInside(target) && File.Exists(target);
        }

        private bool IsInside(string path) =>
            path == realRoot || path.StartsWith(realRoot + Path.DirectorySeparatorChar, StringComparison.Ordinal);

        private void ReadFile(string path)
        {
            var name = Relative(path);
            try
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
                if (!stream.CanSeek) Report("file-unreadable", name, "is no ordinary file");
                else if (stream.Length > LargestFileBytes)
                    Report("file-too-large", name, $"has {stream.Length} bytes; the limit is {LargestFileBytes}");
                else Decode(name, ReadAll(stream));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                Report("file-unreadable", name, $"cannot be read: {Reason(error)}");
            }
        }

        // One byte more than the limit is asked for, in case the file grows while it is read.
        private static byte[] ReadAll(FileStream stream)
        {
            var buffer = new byte[LargestFileBytes + 1];
            return buffer[..stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
        }

        private void Decode(string name, byte[] bytes)
        {
            if (bytes.Length > LargestFileBytes)
            {
                Report("file-too-large", name, $"has more than {LargestFileBytes} bytes, which is the limit");
                return;
            }

            try
            {
                files.Add(new SourceFile(name, Strict.GetString(bytes)));
            }
            catch (DecoderFallbackException error)
            {
                Report("encoding", name, $"is not UTF-8 at byte {error.Index}");
            }
        }

        private List<FileSystemInfo> EntriesOf(string folder)
        {
            try
            {
                var entries = new DirectoryInfo(folder).EnumerateFileSystemInfos();
                return [.. entries.Take(MostFiles + 1).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                Report("file-unreadable", Relative(folder), $"cannot be read: {Reason(error)}");
                return [];
            }
        }

        private static string Reason(Exception error) =>
            error is UnauthorizedAccessException ? "permission denied" : error.Message;

        // The path without any link in it; null when links lead round in a circle.
        private static string? RealPath(string path)
        {
            var current = Path.GetFullPath(path);
            for (var round = 0; round < MostLinks; round++)
            {
                var resolved = ResolveFirstLink(current);
                if (resolved is null) return current;
                current = Path.GetFullPath(resolved);
            }

            return null;
        }

        private static string? ResolveFirstLink(string path)
        {
            var above = Path.GetPathRoot(path)!;
            var parts = Path.GetRelativePath(above, path).Split(Path.DirectorySeparatorChar);
            for (var index = 0; index < parts.Length; index++)
            {
                var here = Path.Combine(above, parts[index]);
                if (new FileInfo(here).LinkTarget is { } target)
                    return Path.Combine([Path.Combine(above, target), .. parts[(index + 1)..]]);
                above = here;
            }

            return null;
        }
    }
}

/// <summary>The declared files of a tree in ordinal order of their paths.</summary>
internal sealed record TreeFiles(Seq<SourceFile> Files);
