using System.Globalization;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Database;

/// <summary>Names a folder that holds a whole PostgreSQL server: postgres, initdb and pg_ctl of one version.</summary>
internal sealed record PostgresBinaries(string Folder, int Major)
{
    public const int OldestMajor = 15;

    private static readonly string[] Programs = ["postgres", "initdb", "pg_ctl"];
    private static readonly TimeSpan VersionLimit = TimeSpan.FromSeconds(20);

    public string Postgres => Path.Combine(Folder, "postgres");

    public string Initdb => Path.Combine(Folder, "initdb");

    public string PgCtl => Path.Combine(Folder, "pg_ctl");

    /// <summary>
    /// The folder of CPLANE_PG_BIN, else the first suitable one on the machine, else the one fetched with npm. Data
    /// that exists can only be read by the major version that made it.
    /// </summary>
    public static async Task<PostgresBinaries> FindAsync(
        PostgresAccount account, int? dataMajor, NpmPostgres npm, CancellationToken cancellation)
    {
        var named = Environment.GetEnvironmentVariable("CPLANE_PG_BIN");
        if (!string.IsNullOrEmpty(named))
        {
            var chosen = await ReadAsync(named, account, cancellation);
            if (chosen is not null && Fits(chosen)) return chosen;
            throw Refused($"CPLANE_PG_BIN={named} is no PostgreSQL {Wanted(dataMajor)} server that can be run");
        }
        var seen = new List<PostgresBinaries>();
        foreach (var folder in Folders())
        {
            if (await ReadAsync(folder, account, cancellation) is not { } found) continue;
            if (Fits(found)) return found;
            seen.Add(found);
        }
        if (dataMajor is null or NpmPostgres.Major && await npm.FetchAsync(cancellation) is { } fetched
            && await ReadAsync(fetched, account, cancellation) is { } fromNpm)
            return fromNpm;
        var others = seen.Count == 0
            ? "none was found"
            : $"found only {string.Join(", ", seen.Select(found => $"{found.Major} in {found.Folder}"))}";
        throw Refused($"PostgreSQL {Wanted(dataMajor)} is needed and {others}; "
            + "install it, set CPLANE_PG_BIN to its bin folder, or give a database with CPLANE_DATABASE");

        bool Fits(PostgresBinaries found) =>
            dataMajor is null ? found.Major >= OldestMajor : found.Major == dataMajor;
    }

    /// <summary>What the folder holds; null when that is no whole server or the account cannot run it.</summary>
    public static async Task<PostgresBinaries?> ReadAsync(
        string folder, PostgresAccount account, CancellationToken cancellation)
    {
        if (!Programs.All(program => File.Exists(Path.Combine(folder, program)))) return null;
        var asked = await account.Run(Path.Combine(folder, "postgres"), "--version")
            .RunAsync(VersionLimit, cancellation);
        // As in "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)" or "... 19devel".
        const string Before = "(PostgreSQL) ";
        var at = asked.Output.IndexOf(Before, StringComparison.Ordinal);
        if (!asked.Succeeded || at < 0) return null;
        var digits = new string(asked.Output[(at + Before.Length)..].TakeWhile(char.IsAsciiDigit).ToArray());
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            ? new PostgresBinaries(folder, major)
            : null;
    }

    /// <summary>
    /// Where servers are found: on PATH, following links to where a distribution keeps them; newest first.
    /// </summary>
    private static IEnumerable<string> Folders()
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathRooted)
            .Select(folder => new FileInfo(Path.Combine(folder, "postgres")))
            .Where(file => file.Exists)
            .Select(file => (file.ResolveLinkTarget(returnFinalTarget: true) ?? file).FullName)
            .Select(file => Path.GetDirectoryName(file)!);
        const string Debian = "/usr/lib/postgresql";
        var installed = !Directory.Exists(Debian)
            ? []
            : Directory.GetDirectories(Debian)
                .Select(folder => (Folder: folder, Major: MajorOf(Path.GetFileName(folder))))
                .OrderByDescending(found => found.Major)
                .Select(found => Path.Combine(found.Folder, "bin"));
        return onPath.Concat(installed).Distinct(StringComparer.Ordinal);
    }

    private static int MajorOf(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : 0;

    private static string Wanted(int? dataMajor) =>
        dataMajor is null ? $"{OldestMajor} or newer" : $"{dataMajor} (which made the data that is there)";

    private static StartRefusedException Refused(string message) => new(ExitCode.Unreachable, message);
}
