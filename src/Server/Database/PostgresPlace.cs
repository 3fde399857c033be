using System.Security.Cryptography;
using System.Text;
using ControlPlane.Server.Hosting;
using Npgsql;

namespace ControlPlane.Server.Database;

/// <summary>Says where the files of a private PostgreSQL are, all owned by its account.</summary>
/// <param name="Root">Directory of everything below.</param>
/// <param name="SocketDirectory">Where its socket is; short enough for the kernel.</param>
internal sealed record PostgresPlace(string Root, string SocketDirectory)
{
    // The kernel takes 107 bytes for directory, slash and ".s.PGSQL.5432".
    private const int SocketDirectoryBytes = 92;

    // Where root's database goes when its account may not pass through the data directory, as below /root.
    private const string SystemDirectory = "/var/lib/control-plane";

    public string Data => Path.Combine(Root, "data");

    public string Log => Path.Combine(Root, "log");

    public string StartLog => Path.Combine(Root, "start.log");

    public string ProcessFile => Path.Combine(Data, "postmaster.pid");

    /// <summary>Unpooled and only for setting up; the server itself builds its pools on it.</summary>
    public string ConnectionStringOf(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = SocketDirectory,
        Username = PostgresCluster.Role,
        Database = database,
        Pooling = false,
        Timeout = 5,
    }.ConnectionString;

    /// <summary>Major version that made the data; null when there is none yet.</summary>
    public int? DataMajor
    {
        get
        {
            var file = Path.Combine(Data, "PG_VERSION");
            return File.Exists(file) && int.TryParse(File.ReadAllText(file), out var major) ? major : null;
        }
    }

    public static async Task<PostgresPlace> PrepareAsync(
        DataDirectory directory, PostgresAccount account, CancellationToken cancellation)
    {
        var root = await PrepareRootAsync(Path.Combine(directory.Root, "postgres"), account, cancellation);
        if (Directory.Exists(Path.Combine(root, "data")) && !await account.OwnsAsync(root, cancellation))
            throw new StartRefusedException(
                ExitCode.Conflict, $"the database in {root} belongs to another user: start the server as that user");
        await account.MakeOwnAsync(root, cancellation);
        await account.MakeOwnAsync(Path.Combine(root, "log"), cancellation);
        return new PostgresPlace(root, await PrepareSocketDirectoryAsync(root, account, cancellation));
    }

    /// <summary>
    /// The place inside the data directory; a link from there when the account cannot get to it. The link alone says
    /// which database belongs to the data directory, so a new data directory never finds an old one's database.
    /// </summary>
    private static async Task<string> PrepareRootAsync(
        string inside, PostgresAccount account, CancellationToken cancellation)
    {
        var link = new DirectoryInfo(inside);
        if (link.LinkTarget is { } target) return target;
        if (link.Exists || await account.CanEnterAsync(Path.GetDirectoryName(inside)!, cancellation)) return inside;

        var outside = Path.Combine(
            SystemDirectory, $"postgres-{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
        Directory.CreateDirectory(SystemDirectory);
        await account.MakeOwnAsync(outside, cancellation);
        Directory.CreateSymbolicLink(inside, outside);
        return outside;
    }

    private static async Task<string> PrepareSocketDirectoryAsync(
        string root, PostgresAccount account, CancellationToken cancellation)
    {
        var inside = Path.Combine(root, "run");
        RemoveOutsideSocketDirectory(root);
        if (Encoding.UTF8.GetByteCount(inside) <= SocketDirectoryBytes)
        {
            await account.MakeOwnAsync(inside, cancellation);
            return inside;
        }
        var made = await account.Run("mktemp", "-d", "/tmp/control-plane-XXXXXXXXXX")
            .RunAsync(TimeSpan.FromSeconds(10), cancellation);
        if (!made.Succeeded) throw new StartRefusedException(ExitCode.Unreachable, $"no socket directory: {made.Said}");
        var outside = made.Output.Trim();
        Directory.CreateSymbolicLink(inside, outside);
        return outside;
    }

    /// <summary>
    /// Removes a socket directory that had to be elsewhere; its name was random, so it is nobody else's.
    /// </summary>
    public static void RemoveOutsideSocketDirectory(string root)
    {
        var link = Path.Combine(root, "run");
        if (new DirectoryInfo(link).LinkTarget is not { } outside) return;
        if (Directory.Exists(outside)) Directory.Delete(outside, recursive: true);
        File.Delete(link);
    }
}
