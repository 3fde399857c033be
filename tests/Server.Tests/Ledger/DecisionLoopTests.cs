using ControlPlane.Core.Tests;
using ControlPlane.Files;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;
using ControlPlane.Server.Tests.Database;
using ControlPlane.Workloads;
using static ControlPlane.Server.Tests.Ledger.TestLoop;

namespace ControlPlane.Server.Tests.Ledger;

/// <summary>The loop on a real database with the shipped regions, alone and against a second server.</summary>
public sealed class DecisionLoopTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Two_servers_never_overcommit_and_every_answer_replays_to_the_same_bytes()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        var requests = Enumerable.Range(0, 400).Select(index => Request($"work-{index}", 1 + (index % 8))).ToList();

        var answers = await Task.WhenAll(requests.Select((request, index) =>
            (index % 2 == 0 ? first : second).SubmitAsync(PlaceOf(request, request.Workload))));

        var decided = answers.OfType<Decided>().ToList();
        Assert.NotEmpty(decided);
        Assert.All(answers, answer => Assert.True(answer is Decided or Unavailable { Slug: "busy" }, $"{answer}"));
        var acknowledged = decided.ToDictionary(answer => answer.Event.Id, answer => answer.Record.Hash);
        await AssertEveryPrefixIsSoundAsync(acknowledged);
    }

    [Fact]
    public async Task The_same_key_gives_the_first_answer_and_another_request_under_it_is_refused()
    {
        await using var loop = await StartAsync();
        var request = Request("repeated", 2);

        var first = (Decided)await loop.SubmitAsync(PlaceOf(request, "key-1"));
        var again = (Decided)await loop.SubmitAsync(PlaceOf(request, "key-1"));
        var other = await loop.SubmitAsync(PlaceOf(request with { Units = 2 }, "key-1"));

        Assert.Equal(first.Event.Id, again.Event.Id);
        Assert.Equal(new KeyReused(RequestHash.Of(request, null)), other);
    }

    [Fact]
    public async Task What_cannot_be_judged_is_denied_alone_and_leaves_nothing_behind()
    {
        await using var loop = await TestLoop.StartAsync(database, Shipped, (world, law, request, asOf) =>
            request.Workload == "poison"
                ? throw new InvalidCastException("a rule with a bug")
                : Placer.Decide(world, law, request, asOf));
        var before = await loop.Store.ReadHeadAsync(CancellationToken.None);

        var denied = await loop.SubmitAsync(PlaceOf(Request("poison", 1), "key-poison"));
        var after = await loop.Store.ReadHeadAsync(CancellationToken.None);
        var other = await loop.SubmitAsync(PlaceOf(Request("harmless", 1), "key-harmless"));

        Assert.Equal("policy-unavailable", Assert.IsType<Unavailable>(denied).Slug);
        Assert.Equal(before, after);
        Assert.IsType<Decided>(other);
    }

    [Fact]
    public async Task A_hold_is_confirmed_once_and_a_released_one_is_gone()
    {
        await using var loop = await StartAsync();
        var held = (Decided)await loop.SubmitAsync(HoldOf(Request("held", 1), "key-2"));
        var given = (Decided)await loop.SubmitAsync(HoldOf(Request("given-back", 1), "key-3"));

        var confirmed = await loop.SubmitAsync(new Confirm(held.Event.Id));
        var repeated = await loop.SubmitAsync(new Confirm(held.Event.Id));
        var released = await loop.SubmitAsync(new Release(given.Event.Id, null, OnlyHold: true));
        var gone = await loop.SubmitAsync(new Confirm(given.Event.Id));

        Assert.Equal(PlacementState.Bound, Assert.IsType<Confirmed>(confirmed).Placement.State);
        Assert.IsType<AlreadyConfirmed>(repeated);
        Assert.IsType<Released>(released);
        Assert.IsType<NotFound>(gone);
    }

    [Fact]
    public async Task What_the_tables_say_is_what_the_ledger_says()
    {
        await using var loop = await StartAsync();
        await loop.SubmitAsync(PlaceOf(Request("counted", 8), "key-4"));
        await new ProjectedTables(database.Database).WaitAsync(CancellationToken.None);

        var state = await new LedgerStore(database.Database, new FleetReader()).LoadAsync(CancellationToken.None);
        var allocated = state.World.Fleet.Pools.Sum(pool =>
            pool.AcceleratorMilli - state.World.Nodes.FreeAcceleratorMilli(pool.Index));

        Assert.Equal(state.World.Placements.Count, await database.AskAsync<long>("select count(*) from placement"));
        Assert.Equal(
            allocated,
            (long)await database.AskAsync<decimal>("select sum(allocated_accelerator_milli) from node_pool"));
    }

    private async Task AssertEveryPrefixIsSoundAsync(Dictionary<DecisionId, Seq<byte>> acknowledged)
    {
        var store = new LedgerStore(database.Database, new FleetReader());
        var state = new LedgerState(new FleetReader());
        await foreach (var record in store.ReadAsync(0, LedgerRecord.NoHash, CancellationToken.None))
        {
            if (record.Event is PlacementDecided decided)
            {
                Assert.IsType<ReplaySame>(Replay.Of(state, record));
                if (acknowledged.Remove(decided.Id, out var hash)) Assert.Equal(hash, record.Hash);
            }

            FoldSoundly(state, record);
        }

        Assert.Empty(acknowledged);
    }

    private Task<TestLoop> StartAsync() =>
        TestLoop.StartAsync(database, Shipped);

    private static IEnumerable<SourceFile> Shipped => TreeReader.Read(Checkout.Root, "regions").Value.Files;
}
