using System.Diagnostics;
using System.Globalization;
using System.Text;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;
using ControlPlane.Files;
using ControlPlane.Policies;

namespace ControlPlane.Cli.Policies;

/// <summary>Reads the declared files of a revision from the git repository that the command runs in.</summary>
internal static class GitTree
{
    private const int LargestFileBytes = 1 << 20;
    private const int MostFiles = 10_000;

    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(2);
    private static readonly UTF8Encoding Strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Regions and policies of a revision, as they lie below the current folder.</summary>
    public static async Task<ReviewTree> ReadAsync(string revision, CancellationToken cancellation)
    {
        var commit = await CommitOfAsync(revision, cancellation);
        var listed = await RunAsync(
            ["ls-tree", "-r", "-z", commit, "--", CheckScope.Regions, CheckScope.Policies], "", cancellation);
        var entries = Encoding.UTF8.GetString(listed).Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(EntryOf)
            .Where(entry => IsYaml(entry.Path) || entry.Path == PolicySignature.FilePath)
            .ToList();
        if (entries.Count > MostFiles)
            throw CommandFailure.Input("too-many", $"{revision} has more than {MostFiles} files");
        if (entries.Find(entry => !entry.Mode.StartsWith("100", StringComparison.Ordinal))
            is { Path: not null } strange)
            throw CommandFailure.Input("path-escape", $"{strange.Path} of {revision} is no ordinary file");
        var contents = await ContentsAsync(entries, cancellation);
        var files = entries.Zip(contents, (entry, bytes) => FileOf(entry.Path, bytes)).ToList();
        var signature = files.Find(file => file.Path == PolicySignature.FilePath);
        files.RemoveAll(file => file.Path == PolicySignature.FilePath);
        var tree = ReviewTree.Of(Below(files, CheckScope.Regions), Below(files, CheckScope.Policies));
        return signature is null ? tree : tree.SignedBy(signature.Text);
    }

    /// <summary>The newest commit that both revisions build on.</summary>
    public static async Task<string> ForkPointAsync(string left, string right, CancellationToken cancellation)
    {
        var (first, second) = (await CommitOfAsync(left, cancellation), await CommitOfAsync(right, cancellation));
        return Encoding.UTF8.GetString(await RunAsync(["merge-base", first, second], "", cancellation)).Trim();
    }

    private static async Task<string> CommitOfAsync(string revision, CancellationToken cancellation)
    {
        // What begins with a dash would be an option of git's.
        if (revision.StartsWith('-')) throw CommandFailure.Usage($"'{revision}' is no revision");
        var bytes =
            await RunAsync(["rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"], "",
            cancellation);
        return Encoding.UTF8.GetString(bytes).Trim();
    }

    private static (string Mode, string Id, string Path) EntryOf(string line)
    {
        var tab = line.IndexOf('\t', StringComparison.Ordinal);
        var head = line[..tab].Split(' ');
        return (head[0], head[2], line[(tab + 1)..]);
    }

    private static async Task<List<byte[]>> ContentsAsync(
        List<(string Mode, string Id, string Path)> entries, CancellationToken cancellation)
    {
        if (entries.Count == 0) return [];
        var output =
            await RunAsync(["cat-file", "--batch"], string.Concat(entries.Select(entry => entry.Id + "\n")),
            cancellation);
        var contents = new List<byte[]>();
        var at = 0;
        foreach (var entry in entries)
        {
            var end = Array.IndexOf(output, (byte)'\n', at);
            var size =
                int.Parse(Encoding.ASCII.GetString(output, at, end - at).Split(' ')[2], CultureInfo.InvariantCulture);
            if (size > LargestFileBytes)
                throw CommandFailure.Input("file-too-large",
                    $"{entry.Path} has {size} bytes; the limit is {LargestFileBytes}");
            contents.Add(output[(end + 1)..(end + 1 + size)]);
            at = end + 1 + size + 1;
        }

        return contents;
    }

    private static SourceFile FileOf(string path, byte[] bytes)
    {
        try
        {
            return new SourceFile(path, Strict.GetString(bytes));
        }
        catch (DecoderFallbackException broken)
        {
            throw CommandFailure.Input("encoding", $"{path} is not UTF-8 at byte {broken.Index}");
        }
    }

    private static Seq<SourceFile> Below(List<SourceFile> files, string folder) => files
        .Where(file => file.Path.StartsWith(folder + "/", StringComparison.Ordinal))
        .OrderBy(file => file.Path, StringComparer.Ordinal)
        .ToSeq();

    private static bool IsYaml(string path) =>
        path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);

    private static async Task<byte[]> RunAsync(string[] arguments, string input, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(LongestRun);
        using var process = Started(start);
        using var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output, limit.Token);
        var complaining = process.StandardError.ReadToEndAsync(limit.Token);
        await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
        process.StandardInput.Close();
        await reading;
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode == 0) return output.ToArray();
        var said = (await complaining).Trim();
        var asked = arguments[^1].Replace("^{commit}", "", StringComparison.Ordinal);
        throw CommandFailure.Input("revision-unknown", said.Length > 0 ? $"git: {said.Split('\n')[0]}"
            : $"git knows no revision '{asked}' here");
    }

    private static Process Started(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!; // null only for a shell's start
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw CommandFailure.Input("git-missing", $"cannot start git: {missing.Message}");
        }
    }
}
