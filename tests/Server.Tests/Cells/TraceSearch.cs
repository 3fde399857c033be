using System.Text;
using ControlPlane.Cells;

namespace ControlPlane.Server.Tests.Cells;

/// <summary>Looks for traces of a word in files, in the memory of a process, and in bytes and texts.</summary>
internal sealed class TraceSearch(string word)
{
    private const int Window = 4 << 20;

    private readonly TextForms forms = new([word]);

    /// <summary>What was searched so far.</summary>
    public long Bytes { get; private set; }

    public IEnumerable<string> In(string place, string text) => In(place, Encoding.UTF8.GetBytes(text));

    public IEnumerable<string> In(string place, byte[] bytes)
    {
        Bytes += bytes.Length;
        for (var at = 0; at == 0 || at < bytes.Length; at += Window)
        {
            var part = bytes.AsSpan(at, Math.Min(Window + forms.Longest, bytes.Length - at));
            if (forms.Find(part) is { } found) return [$"{place}: {found.Form}"];
        }

        return [];
    }

    /// <summary>Every file below a directory, links followed once.</summary>
    public IEnumerable<string> InFiles(string directory)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false,
        };
        foreach (var path in Directory.EnumerateFiles(directory, "*", options))
        {
            if (ReadNow(path) is not { } bytes) continue;
            foreach (var found in In(path, bytes)) yield return found;
        }
    }

    /// <summary>Everything that a process can write to: heaps, stacks, and what it has read.</summary>
    public IEnumerable<string> InMemory(int process)
    {
        using var memory = new FileStream(
            $"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1);
        foreach (var line in File.ReadAllLines($"/proc/{process}/maps"))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields[1][1] != 'w') continue;
            var range = fields[0].Split('-');
            var (from, to) = (Convert.ToInt64(range[0], 16), Convert.ToInt64(range[1], 16));
            foreach (var found in InRange(memory, from, to)) yield return found;
        }
    }

    private IEnumerable<string> InRange(FileStream memory, long from, long to)
    {
        var window = new byte[Window];
        for (var at = from; at < to; at += Window - forms.Longest)
        {
            var length = (int)Math.Min(Window, to - at);
            var read = ReadAt(memory, at, window.AsSpan(0, length));
            foreach (var found in In($"memory at {at:x}", window[..read])) yield return found;
            if (length < Window) yield break;
        }
    }

    /// <summary>Pages that were never touched cannot be read and hold nothing.</summary>
    private static int ReadAt(FileStream memory, long at, Span<byte> into)
    {
        try
        {
            return RandomAccess.Read(memory.SafeFileHandle, into, at);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>The file as it is; null for a socket, and for what went away meanwhile.</summary>
    private static byte[]? ReadNow(string path)
    {
        try
        {
            if ((File.GetUnixFileMode(path) & UnixFileMode.UserRead) == 0) return null;
            using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            file.CopyTo(bytes);
            return bytes.ToArray();
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return null;
        }
    }
}
