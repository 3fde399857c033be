using System.Diagnostics;
using ControlPlane.Server.Hosting;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Database;

/// <summary>
/// Makes the files of a private PostgreSQL and starts it on them, ending one that an earlier server left running.
/// </summary>
internal sealed class PostgresCluster(
    PostgresPlace place, PostgresBinaries binaries, PostgresAccount account, ILogger log)
{
    /// <summary>Owner of everything inside; the only role.</summary>
    public const string Role = "control_plane";

    private static readonly TimeSpan CreateLimit = TimeSpan.FromMinutes(3);
    private static readonly string[] InUse = ["shared memory block", "lock file \"postmaster.pid\""];
    private static readonly TimeSpan InUseLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    /// <summary>Starts PostgreSQL on the data, making that first when there is none.</summary>
    public async Task<PostgresProcess> StartAsync(CancellationToken cancellation)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            await StopLeftoverAsync(cancellation);
            await CreateAsync(cancellation);
            Configure();
            if (await PostgresProcess.StartAsync(place, binaries, account, cancellation) is { } process) return process;

            // A killed server may have been about to start one, and a killed PostgreSQL's children need a moment to
            // notice: PostgreSQL then sees its data in use and ends.
            var said = File.Exists(place.StartLog) ? await File.ReadAllTextAsync(place.StartLog, cancellation) : "";
            var inUse = InUse.Any(sign => said.Contains(sign, StringComparison.Ordinal));
            if (!inUse || since.Elapsed > InUseLimit)
                throw Refused($"PostgreSQL did not start (see also {place.Log}): {said.Trim()}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation);
        }
    }

    /// <summary>
    /// Makes the data when there is none. Made aside and renamed when whole, so half of it is never used.
    /// </summary>
    private async Task CreateAsync(CancellationToken cancellation)
    {
        foreach (var broken in Directory.EnumerateDirectories(place.Root, "init-*")) Directory.Delete(broken, true);
        if (Directory.Exists(place.Data)) return;

        var aside = Path.Combine(place.Root, $"init-{Guid.NewGuid():n}");
        var made = await account.Run(
                binaries.Initdb, "--pgdata", aside, "--username", Role, "--encoding=UTF8", "--locale=C",
                "--data-checksums", "--auth-local=peer", "--auth-host=reject")
            .RunAsync(CreateLimit, cancellation);
        if (!made.Succeeded) throw Refused($"PostgreSQL could not make its data in {place.Root}: {made.Said}");
        Directory.Move(aside, place.Data);
        // The rename has to be on disk before anything inside is promised to be.
        var synced = await new Command("sync", place.Root).RunAsync(CreateLimit, cancellation);
        if (!synced.Succeeded) throw Refused($"{place.Root} could not be written to disk: {synced.Said}");
        LogCreated(log, binaries.Major, place.Data);
    }

    /// <summary>
    /// Writes the settings anew at every start: they belong to this version of the server, not to the data.
    /// </summary>
    private void Configure()
    {
        File.WriteAllText(Path.Combine(place.Data, "postgresql.conf"), $"""
            # Written by the control plane at every start; changes are lost.
            listen_addresses = ''
            unix_socket_directories = {Quoted(place.SocketDirectory)}
            unix_socket_permissions = 0700
            port = 5432
            max_connections = 100
            fsync = on
            synchronous_commit = on
            full_page_writes = on
            shared_buffers = '256MB'
            max_wal_size = '1GB'
            jit = off
            timezone = 'UTC'
            lc_messages = 'C'
            datestyle = 'iso, ymd'
            logging_collector = on
            log_directory = {Quoted(place.Log)}
            log_filename = 'postgresql-%a.log'
            log_truncate_on_rotation = on
            log_rotation_age = '1d'
            log_rotation_size = 0
            log_timezone = 'UTC'
            log_min_messages = warning
            log_checkpoints = off

            """);
        // Whatever was set by hand inside the database must not outlive a start either.
        File.WriteAllText(Path.Combine(place.Data, "postgresql.auto.conf"), "");
        File.WriteAllText(Path.Combine(place.Data, "pg_hba.conf"), $"local all {Role} peer map=server\n");
        File.WriteAllText(
            Path.Combine(place.Data, "pg_ident.conf"), $"server \"{Environment.UserName}\" {Role}\n");
    }

    /// <summary>
    /// Ends a PostgreSQL that still runs on this data because the server that started it was killed. It is stopped and
    /// started again rather than taken over: then its settings are ours and its end is seen by us.
    /// </summary>
    private async Task StopLeftoverAsync(CancellationToken cancellation)
    {
        var process = File.Exists(place.ProcessFile)
            ? (await File.ReadAllLinesAsync(place.ProcessFile, cancellation)).FirstOrDefault("")
            : "";
        foreach (var mode in new[] { "fast", "immediate" })
        {
            if (!IsOurs(process)) break;
            await account.Run(binaries.PgCtl, "stop", "--pgdata", place.Data, "--mode", mode, "--no-wait")
                .RunAsync(StopLimit, cancellation);
            // Not left to pg_ctl, which waits for a dead process as long as nobody has collected it.
            for (var since = Stopwatch.StartNew(); IsOurs(process) && since.Elapsed < StopLimit;)
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
            if (!IsOurs(process)) LogLeftoverStopped(log, process, mode);
        }
        if (IsOurs(process))
            throw Refused(
                $"a PostgreSQL (process {process}) is running on {place.Data} and does not stop; end it first");

        // The number may belong to another program by now, or to a dead process that nobody collected. PostgreSQL
        // would take it for a running server and refuse to start; likewise the lock beside the socket.
        if (process.Length > 0 && Directory.Exists($"/proc/{process}")) File.Delete(place.ProcessFile);
        foreach (var left in Directory.EnumerateFiles(place.SocketDirectory)) File.Delete(left);
    }

    /// <summary>
    /// Whether the process is a live PostgreSQL on this data: its working directory is the data directory.
    /// </summary>
    private bool IsOurs(string process)
    {
        if (process.Length == 0 || !process.All(char.IsAsciiDigit)) return false;
        try
        {
            // A dead process that nobody collected has no working directory any more.
            var directory = new FileInfo($"/proc/{process}/cwd").LinkTarget;
            return directory is not null && directory == RealPath(place.Data);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string RealPath(string path)
    {
        var real = "/";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = new DirectoryInfo(Path.Combine(real, part));
            real = (next.ResolveLinkTarget(returnFinalTarget: true) ?? next).FullName;
        }
        return real;
    }

    private static string Quoted(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    private static StartRefusedException Refused(string message) => new(ExitCode.Unreachable, message);
}
