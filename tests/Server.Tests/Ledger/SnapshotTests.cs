using ControlPlane.Ledger;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;
using ControlPlane.Server.Tests.Database;
using static ControlPlane.Server.Tests.Ledger.TestLoop;

namespace ControlPlane.Server.Tests.Ledger;

/// <summary>Starts from snapshots: sound ones, damaged ones and ones of another version.</summary>
public sealed class SnapshotTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly TestDatabase database = new();
    private Seq<byte> newest;

    private LedgerStore Store => new(database.Database, new());

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        await using var loop = await StartAsync(database, SmallFleet.Files());
        await PlaceAsync(loop, "before");
        await SaveAsync();
        await PlaceAsync(loop, "between");
        await SaveAsync();
        await PlaceAsync(loop, "after");
        newest = LedgerSnapshot.DigestOf(await Store.LoadAsync(CancellationToken.None));
    }

    public Task DisposeAsync() => database.DisposeAsync();

    // Its own disposal, for whoever is no test runner.
    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    [Fact]
    public async Task A_start_folds_only_what_came_after_the_newest_snapshot()
    {
        // Were anything before it read, the start would fail.
        await database.ExecuteAsync(
            "delete from ledger_batch where last_position <= (select max(position) from ledger_snapshot)");

        Assert.Equal(newest, await LoadAsync());
    }

    [Theory]
    [InlineData("update ledger_snapshot set body = set_byte(body, 200, 255 - get_byte(body, 200))")]
    [InlineData("update ledger_snapshot set digest = sha256('other')")]
    [InlineData("update ledger_snapshot set body = 'no snapshot', digest = sha256('no snapshot')")]
    public async Task Snapshots_that_are_damaged_or_of_another_version_are_passed_over_for_the_ledger(string damage)
    {
        await database.ExecuteAsync(damage);

        Assert.Equal(newest, await LoadAsync());
    }

    [Fact]
    public async Task A_damaged_snapshot_is_passed_over_for_the_one_before_it()
    {
        await database.ExecuteAsync("""
            update ledger_snapshot set digest = sha256('other')
            where position = (select max(position) from ledger_snapshot);
            delete from ledger_batch where last_position <= (select min(position) from ledger_snapshot)
            """);

        Assert.Equal(newest, await LoadAsync());
    }

    [Fact]
    public async Task A_batch_that_does_not_match_its_hash_stops_a_start()
    {
        await database.ExecuteAsync("""
            update ledger_batch set body = set_byte(body, 60, 255 - get_byte(body, 60))
            where last_position = (select position from ledger_head)
            """);

        await Assert.ThrowsAsync<LedgerFormatException>(LoadAsync);
    }

    [Fact]
    public void Old_snapshots_are_thinned_out_and_those_that_are_needed_stay()
    {
        var positions = Enumerable.Range(1, 200).Select(number => number * 5_000L).Reverse().ToList();

        var kept = positions.Except(LedgerStore.TooClose(positions, tables: 812_345)).ToList();

        Assert.Equal([1_000_000, 995_000], kept.Take(2));
        Assert.Contains(810_000, kept);
        Assert.InRange(kept.Count, 10, 40);
        Assert.All(kept.Zip(kept.Skip(1)), pair =>
            Assert.True(pair.First - pair.Second <= Math.Max(5_000, (1_000_000 - pair.Second) / 2), $"{pair}"));
    }

    private async Task<Seq<byte>> LoadAsync() => LedgerSnapshot.DigestOf(await Store.LoadAsync(CancellationToken.None));

    private async Task SaveAsync()
    {
        var state = await Store.LoadAsync(CancellationToken.None);
        await Store.SaveSnapshotAsync(new Snapshot(state.Position, state.Hash, LedgerSnapshot.Write(state), state.At));
    }

    private static async Task PlaceAsync(TestLoop loop, string name)
    {
        for (var index = 0; index < 3; index++)
            Assert.IsType<Decided>(await loop.SubmitAsync(PlaceOf(Request($"{name}-{index}", 1), $"{name}-{index}")));
    }
}
