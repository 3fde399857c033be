using ControlPlane.Core.Tests;
using ControlPlane.Server.Database;
using ControlPlane.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ControlPlane.Server.Tests.Database;

public sealed class MigratorTests
{
    private static readonly Migration First = new(1, "first", "create table a (x int)");
    private static readonly Migration Second = new(2, "second", "create table b (x int)");

    private static Migrator For(TestDatabase database, params IEnumerable<Migration> migrations) =>
        new(database.Database, migrations.ToSeq(), NullLogger.Instance);

    [Fact]
    public async Task All_steps_applied_to_an_empty_database_give_the_documented_schema()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();

        var applied = await For(database, Migration.BuiltIn()).MigrateAsync(CancellationToken.None);

        await using var connection = await database.Database.OpenReadAsync(CancellationToken.None);
        Assert.Equal(Migration.BuiltIn().Count, applied);
        Golden.Check("docs/schema.sql", await SchemaText.LoadAsync(connection));
    }

    [Fact]
    public void Built_in_steps_are_numbered_from_1_without_a_gap()
    {
        var numbers = Migration.BuiltIn().Select(migration => migration.Number);

        Assert.Equal(Enumerable.Range(1, Migration.BuiltIn().Count), numbers);
    }

    [Fact]
    public async Task Only_steps_that_are_missing_are_applied()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();

        int[] applied =
        [
            await For(database, First).MigrateAsync(CancellationToken.None),
            await For(database, First, Second).MigrateAsync(CancellationToken.None),
            await For(database, First, Second).MigrateAsync(CancellationToken.None),
        ];

        Assert.Equal([1, 1, 0], applied);
    }

    [Fact]
    public async Task Migrators_that_start_together_apply_each_step_once()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();

        var applied = await Task.WhenAll(Enumerable.Range(0, 6)
            .Select(_ => For(database, First, Second).MigrateAsync(CancellationToken.None)));

        Assert.Equal([0, 0, 0, 0, 0, 2], applied.Order());
    }

    [Fact]
    public async Task An_edited_step_is_refused()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        await For(database, First).MigrateAsync(CancellationToken.None);

        var refused = await Assert.ThrowsAsync<StartRefusedException>(
            () =>
                For(
                    database,
                    First with { Sql = "create table a (x bigint)" },
                    Second).MigrateAsync(CancellationToken.None));

        Assert.Equal(ExitCode.Conflict, refused.ExitCode);
        Assert.Equal(
            "schema step 1 first was edited after it was applied to this database: "
            + "restore the released file and add a new step instead",
            refused.Message);
        Assert.False(await database.AskAsync<bool>("select to_regclass('b') is not null"));
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        await For(database, First, Second).MigrateAsync(CancellationToken.None);

        var refused = await Assert.ThrowsAsync<StartRefusedException>(
            () => For(database, First).MigrateAsync(CancellationToken.None));

        Assert.Equal(ExitCode.Conflict, refused.ExitCode);
        Assert.Equal(
            "the database is of a newer version (schema 2, this server knows up to 1): run that version or a newer one",
            refused.Message);
    }

    [Fact]
    public async Task A_database_of_another_program_is_refused()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        await For(database, First with { Name = "other" }).MigrateAsync(CancellationToken.None);

        var refused = await Assert.ThrowsAsync<StartRefusedException>(
            () => For(database, First).MigrateAsync(CancellationToken.None));

        Assert.Equal(
            "schema step 1 of the database is 1 other, not first: this database was made by another program",
            refused.Message);
    }

    [Fact]
    public async Task A_step_that_breaks_off_leaves_nothing_and_is_taken_again()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        var broken = Second with { Sql = "create table b (x int); select 1 / 0" };

        var refused = await Assert.ThrowsAsync<StartRefusedException>(
            () => For(database, First, broken).MigrateAsync(CancellationToken.None));
        var left = await database.AskAsync<string>(
            "select concat_ws(' ', to_regclass('a'), to_regclass('b'), max(number)) from schema_migration");
        var applied = await For(database, First, Second).MigrateAsync(CancellationToken.None);

        Assert.IsType<PostgresException>(refused.InnerException);
        Assert.Equal(("a 1", 1), (left, applied));
    }
}
