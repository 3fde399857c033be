using ControlPlane.Server.Database;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;
using ControlPlane.Server.Tests.Database;
using static ControlPlane.Server.Tests.Ledger.TestLoop;

namespace ControlPlane.Server.Tests.Ledger;

/// <summary>Tables against what the ledger gives, after every kind of event.</summary>
public sealed class ProjectionRebuildTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly TestDatabase database = new();

    private ProjectionRebuild Rebuild => new(database.Database, new LedgerStore(database.Database, new()));

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        await using var loop = await StartAsync(database, SmallFleet.Files());
        var held = (Decided)await loop.SubmitAsync(HoldOf(Request("held", 1), "1"));
        var givenBack = (Decided)await loop.SubmitAsync(HoldOf(Request("given-back", 2), "2"));
        var placed = (Decided)await loop.SubmitAsync(PlaceOf(Request("placed", 8), "3"));
        await Task.WhenAll(Enumerable.Range(0, 40).Select(
            index => loop.SubmitAsync(PlaceOf(Request($"w{index}", 1), $"w{index}"))));
        await loop.SubmitAsync(new Confirm(held.Event.Id));
        await loop.SubmitAsync(new Release(givenBack.Event.Id, null, OnlyHold: true));
        await loop.SubmitAsync(new Release(placed.Event.Id, null, OnlyHold: false));
        // Another fleet: every table of it is written anew.
        var grown = SmallFleet.Files().Select(
            file => file with { Text = file.Text.Replace("nodes: 4\n", "nodes: 5\n", StringComparison.Ordinal) });
        Assert.Equal(new Declared(Changed: true), await loop.SubmitAsync(new DeclareFleet(grown.ToSeq())));
        await loop.SubmitAsync(PlaceOf(Request("after", 8), "4"));
    }

    public Task DisposeAsync() => database.DisposeAsync();

    // Its own disposal, for whoever is no test runner.
    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    [Fact]
    public async Task After_every_kind_of_event_the_tables_are_what_the_ledger_gives()
    {
        var finding = await Rebuild.VerifyAsync(CancellationToken.None);

        Assert.Equal(await database.AskAsync<long>("select position from ledger_head"), finding.Position);
        Assert.Empty(finding.Differences);
    }

    [Fact]
    public async Task A_row_that_was_changed_dropped_or_added_is_named()
    {
        await database.ExecuteAsync("""
            update node_pool set allocated_cpu_milli = allocated_cpu_milli + 1 where node_pool = 'de-one-a-h100';
            delete from decision where workload = 'w1';
            insert into placement_unit select placement_id, 7, node_pool, node_ordinal, device_mask, device_milli
            from placement_unit where placement_id = (select placement_id from placement where workload = 'w2')
            """);

        var finding = await Rebuild.VerifyAsync(CancellationToken.None);

        Assert.Equal(
            [
                ("placement_unit", "not in the ledger"), ("decision", "not in the table"),
                ("node_pool", "not in the table"), ("node_pool", "not in the ledger"),
            ],
            finding.Differences.Select(difference => (difference.Table, difference.What)));
    }

    [Fact]
    public async Task Tables_that_were_emptied_are_written_anew()
    {
        var before = await database.AskAsync<long>("select count(*) from placement");
        await database.ExecuteAsync("truncate placement, placement_unit, decision; delete from node");

        var (answer, _) = await Rebuild.RebuildAsync(CancellationToken.None);

        Assert.IsType<Committed>(answer);
        Assert.Empty((await Rebuild.VerifyAsync(CancellationToken.None)).Differences);
        Assert.Equal(before, await database.AskAsync<long>("select count(*) from placement"));
    }
}
