using ControlPlane.Server.Database;
using ControlPlane.Server.Hosting;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Server.Tests.Database;

public sealed class DiskFullTests : IDisposable
{
    private const int DiskMib = 160;

    private readonly TestDirectory directory = new();

    public void Dispose() => directory.Dispose();

    private static async Task RunAsync(string program, params IReadOnlyList<string> arguments)
    {
        var result = await new Command(program, arguments).RunAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
        Assert.True(result.Succeeded, result.Said);
    }

    private static Task<CommitAnswer> WriteAsync(PostgresDatabase database, int mib) => database.CommitAsync(
        async (connection, _, _) =>
        {
            var blocks = Enumerable.Repeat(new byte[1 << 20], mib);
            foreach (var block in blocks)
                await connection.ExecuteAsync("insert into note values (@block)", new { block });
            return true;
        },
        CancellationToken.None);

    [RootFact]
    public async Task A_full_disk_is_refused_leaves_nothing_and_is_over_once_there_is_room()
    {
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={DiskMib}m,mode=0711", "tmpfs", directory.Path);
        try
        {
            using var held = DataDirectory.Take(directory.Path);
            await using var postgres = await PrivatePostgres.StartAsync(
                held, NullLoggerFactory.Instance, CancellationToken.None);
            await using var database = new PostgresDatabase(postgres.ConnectionString, NullLoggerFactory.Instance);
            await using (var connection = await database.OpenWriteAsync(CancellationToken.None))
                await connection.ExecuteAsync(
                    "create table note (x bytea); alter table note alter column x set storage external");

            // All room but 2 MiB is taken, so that the table runs out of it before the log does, which has its file
            // already.
            var ballast = directory.In("ballast");
            var free = new DriveInfo(directory.Path).AvailableFreeSpace - (2 << 20);
            await RunAsync("fallocate", "--length", $"{free}", ballast);
            var full = await WriteAsync(database, 6);
            var reachable = await database.IsReachableAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
            File.Delete(ballast);
            var again = await WriteAsync(database, 6);

            await using var asking = await database.OpenReadAsync(CancellationToken.None);
            Assert.Equal(CommitRefusal.DiskFull, Assert.IsType<CommitRefused>(full).Reason);
            Assert.True(reachable);
            Assert.Equal(new Committed(), again);
            Assert.Equal(6, await asking.ExecuteScalarAsync<int>("select count(*) from note"));
        }
        finally
        {
            await RunAsync("umount", "--lazy", directory.Path);
        }
    }
}
