using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Tests.Api;
using ControlPlane.Server.Tests.Database;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Server.Tests.Cells;

/// <summary>A server that is started on the ledger of a cell that it is not.</summary>
public sealed class LedgerOfAnotherCellTests
{
    [Fact]
    public async Task A_ledger_takes_its_own_cell_again_and_refuses_every_other_one_and_none()
    {
        await using var database = await TestDatabase.CreateAsync();
        using var folder = new TestDirectory("cell");
        foreach (var file in SmallFleet.Files().Concat(SmallPolicies.Files()))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.In(file.Path))!);
            await File.WriteAllTextAsync(folder.In(file.Path), file.Text);
        }

        await StartAsync(database, folder, "de");
        await StartAsync(database, folder, "de");
        var records = await database.AskAsync<long>("select position from ledger_head");
        foreach (var other in new[] { "fr", "" })
        {
            var refused = await Assert.ThrowsAsync<StartRefusedException>(() => StartAsync(database, folder, other));

            Assert.Contains("must be de, because this ledger is of that cell", refused.Message,
                StringComparison.Ordinal);
        }

        Assert.Equal(records, await database.AskAsync<long>("select position from ledger_head"));
        await StartAsync(database, folder, "de");
    }

    private static async Task StartAsync(TestDatabase database, TestDirectory folder, string cell)
    {
        List<string> arguments =
        [
            "--regions", folder.In("regions"), "--policies", folder.In("policies"), "--data", folder.Path,
            "--log-level", "error",
        ];
        if (cell.Length > 0)
        {
            var file = folder.In($"{cell}.yaml");
            await File.WriteAllTextAsync(file, $"""
                schemaVersion: 1
                cell: {cell}
                jurisdictions: ["{cell.ToUpperInvariant()}"]

                """);
            arguments.AddRange(["--cell", file]);
        }

        var options = ServerOptions.Parse(arguments, _ => null).Value;
        await using var host = await LedgerHost.StartAsync(
            database.Database, options, NullLoggerFactory.Instance, CancellationToken.None);
        Assert.Equal(new CellId(cell), host.Loop.Fleet.Cell!.Cell);
    }
}
