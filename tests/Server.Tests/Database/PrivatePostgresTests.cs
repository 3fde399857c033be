using System.Diagnostics;
using System.Globalization;
using ControlPlane.Server.Database;
using ControlPlane.Server.Hosting;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ControlPlane.Server.Tests.Database;

public sealed class PrivatePostgresTests : IDisposable
{
    private readonly TestDirectory directory = new();

    public void Dispose() => directory.Dispose();

    private string Root => directory.In("postgres");

    private string Data => Path.Combine(Root, "data");

    /// <summary>Starts one, does something with it and stops it.</summary>
    private static async Task<T> WithAsync<T>(string dataDirectory, Func<NpgsqlConnection, Task<T>> use)
    {
        using var held = DataDirectory.Take(dataDirectory);
        await using var postgres = await PrivatePostgres.StartAsync(
            held, NullLoggerFactory.Instance, CancellationToken.None);
        await using var connection = new NpgsqlConnection(postgres.ConnectionString);
        await connection.OpenAsync();
        return await use(connection);
    }

    private Task<T> WithAsync<T>(Func<NpgsqlConnection, Task<T>> use) => WithAsync(directory.Path, use);

    private static async Task<int> AddNoteAsync(NpgsqlConnection connection)
    {
        await connection.ExecuteAsync("create table if not exists note (x int); insert into note values (1)");
        return await connection.ExecuteScalarAsync<int>("select count(*) from note");
    }

    [Fact]
    public async Task What_is_in_it_is_there_after_the_next_start()
    {
        int[] notes = [await WithAsync(AddNoteAsync), await WithAsync(AddNoteAsync)];

        Assert.Equal([1, 2], notes);
    }

    [Fact]
    public async Task It_acknowledges_nothing_that_is_not_on_disk_and_listens_on_no_network_address()
    {
        var settings = await WithAsync(connection =>
            connection.QuerySingleAsync<(string, string, string, string, string)>("""
            select current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
                   current_setting('data_checksums'), current_setting('listen_addresses')
            """));

        Assert.Equal(("on", "on", "on", "on", ""), settings);
    }

    [Fact]
    public async Task It_does_not_run_as_root()
    {
        var user = await WithAsync(connection =>
        {
            var process = File.ReadLines(Path.Combine(Data, "postmaster.pid")).First();
            var line = File.ReadLines($"/proc/{process}/status")
                .Single(line => line.StartsWith("Uid:", StringComparison.Ordinal));
            return Task.FromResult(line.Split('\t')[1..]);
        });

        Assert.DoesNotContain("0", user);
    }

    [Fact]
    public async Task Settings_made_inside_the_database_do_not_outlive_a_start()
    {
        await WithAsync(connection => connection.ExecuteAsync("alter system set fsync = off"));

        var fsync = await WithAsync(connection => connection.ExecuteScalarAsync<string>("show fsync"));

        Assert.Equal("on", fsync);
    }

    [Fact]
    public async Task Making_the_data_that_broke_off_half_way_is_begun_again()
    {
        Directory.CreateDirectory(Path.Combine(Root, "init-half", "base"));
        await File.WriteAllTextAsync(Path.Combine(Root, "init-half", "PG_VERSION"), "15\n");

        var notes = await WithAsync(AddNoteAsync);

        Assert.Equal(1, notes);
        Assert.Empty(Directory.EnumerateDirectories(Root, "init-*"));
    }

    [Fact]
    public async Task A_data_directory_with_a_long_name_gets_its_socket_elsewhere_and_leaves_none_behind()
    {
        var deep = directory.In(new string('d', 120));

        var sockets = new[]
        {
            await WithAsync(deep, connection => Task.FromResult(connection.Host!)),
            await WithAsync(deep, connection => Task.FromResult(connection.Host!)),
        };

        Assert.All(sockets, socket => Assert.StartsWith("/tmp/control-plane-", socket, StringComparison.Ordinal));
        Assert.All(sockets, socket => Assert.False(Directory.Exists(socket)));
    }

    [Fact]
    public async Task A_recorded_process_number_that_is_another_programs_by_now_does_not_stop_a_start()
    {
        await WithAsync(AddNoteAsync);
        using var other = Process.Start("sleep", "60");
        await File.WriteAllTextAsync(Path.Combine(Data, "postmaster.pid"), $"{other.Id}\n{Data}\n0\n5432\n\n\n");

        var notes = await WithAsync(AddNoteAsync);

        Assert.Equal(2, notes);
        Assert.False(other.HasExited);
        other.Kill();
    }

    [Fact]
    public async Task One_that_was_left_running_is_stopped_and_its_data_used()
    {
        await WithAsync(AddNoteAsync);
        var account = PostgresAccount.Current();
        var binaries = await PostgresBinaries.FindAsync(
            account, null, new NpmPostgres(directory.Path, NullLogger.Instance), CancellationToken.None);
        var started = await account.Run(
            binaries.PgCtl, "start", "--wait", "--pgdata", Data, "--log", Path.Combine(Root, "left.log"))
            .RunAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
        var left = File.ReadLines(Path.Combine(Data, "postmaster.pid")).First();

        var notes = await WithAsync(AddNoteAsync);

        Assert.True(started.Succeeded, started.Said);
        Assert.Equal(2, notes);
        Assert.Null(new FileInfo($"/proc/{left}/cwd") is { LinkTarget: not null } ? left : null);
    }

    [Fact]
    public async Task Data_of_a_major_version_that_is_not_installed_is_refused_with_what_was_found()
    {
        await WithAsync(AddNoteAsync);
        await File.WriteAllTextAsync(Path.Combine(Data, "PG_VERSION"), "99\n");

        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => WithAsync(AddNoteAsync));

        Assert.Equal(ExitCode.Unreachable, refused.ExitCode);
        Assert.Matches(
            "^PostgreSQL 99 \\(which made the data that is there\\) is needed and found only [0-9]+ in ",
            refused.Message);
    }

    [Fact]
    public async Task It_is_started_again_when_it_dies()
    {
        using var held = DataDirectory.Take(directory.Path);
        await using var postgres = await PrivatePostgres.StartAsync(
            held, NullLoggerFactory.Instance, CancellationToken.None);
        await using var database = new PostgresDatabase(postgres.ConnectionString, NullLoggerFactory.Instance);
        for (var round = 0; round < 3; round++)
        {
            var killed = RunningProcess;
            Signal.Kill(killed!.Value); // started above, or seen in the round before

            // Reachable alone proves nothing: a backend outlives its postmaster until it notices.
            var since = Stopwatch.StartNew();
            while (RunningProcess is null || RunningProcess == killed
                || !await database.IsReachableAsync(TimeSpan.FromSeconds(2), CancellationToken.None))
            {
                Assert.True(since.Elapsed < TimeSpan.FromSeconds(30), "not started again within 30 s");
                await Task.Delay(20);
            }
        }
    }

    /// <summary>Process that the data directory names; null when it names none.</summary>
    private int? RunningProcess =>
        File.Exists(Path.Combine(Data, "postmaster.pid"))
        && int.TryParse(
            File.ReadLines(Path.Combine(Data, "postmaster.pid")).FirstOrDefault(""), CultureInfo.InvariantCulture,
            out var id)
            ? id
            : null;

    [Fact]
    public async Task A_database_that_could_forget_is_refused()
    {
        await using var forgetful = await TestDatabase.CreateAsync();
        await forgetful.ExecuteAsync(
            $"alter database {new NpgsqlConnectionStringBuilder(forgetful.ConnectionString).Database} set "
                + "synchronous_commit = off");
        await using var database = new PostgresDatabase(forgetful.ConnectionString, NullLoggerFactory.Instance);

        var refused = await Assert.ThrowsAsync<StartRefusedException>(
            () => DatabaseCheck.RunAsync(database, CancellationToken.None));

        Assert.Equal(
            "the database cannot be used: synchronous_commit is off, must be on or remote_apply", refused.Message);
    }
}
