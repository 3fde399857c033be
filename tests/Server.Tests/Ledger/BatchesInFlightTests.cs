using ControlPlane.Core.Tests;
using ControlPlane.Files;
using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Server.Placements;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Tests.Database;
using static ControlPlane.Server.Tests.Ledger.TestLoop;
using Command = ControlPlane.Server.Placements.Command;

namespace ControlPlane.Server.Tests.Ledger;

/// <summary>
/// Calls so large that a batch is decided while the one before it is being written, with everything that can become of
/// that one.
/// </summary>
public sealed class BatchesInFlightTests
{
    private const int PerCall = 600;
    private const int Callers = 3;
    private const int CallsEach = 3;

    [Fact]
    public async Task What_is_decided_on_records_that_do_not_land_goes_with_them_and_nothing_is_lost_or_doubled()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var first = await StartAsync(database);
        await using var second = await StartAsync(database);
        using var over = new CancellationTokenSource();
        var breaking = BreakAsync(database, over.Token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 2 * Callers).Select(caller =>
            CallAsync(caller % 2 == 0 ? first : second, caller)));
        await over.CancelAsync();
        var broken = await breaking;

        Assert.True(broken > 0, "no connection was broken while it wrote");
        var ids = answers.SelectMany(each => each).ToDictionary(each => each.Key, each => each.Id);
        Assert.Equal(2 * Callers * CallsEach * PerCall, ids.Count);
        await AssertSoundAsync(database, ids);
    }

    [Fact]
    public async Task A_call_that_comes_again_while_it_is_being_written_is_told_so_and_then_gets_the_first_answers()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var loop = await StartAsync(database);
        var call = CallOf(99, 0);

        var asked = Enumerable.Range(0, 4).Select(_ => loop.Loop.SubmitAsync(call, CancellationToken.None)).ToList();
        var answers = await Task.WhenAll(asked);
        var last = await loop.Loop.SubmitAsync(call, CancellationToken.None);

        var decided = answers.Single(each => each[0] is Decided).Cast<Decided>().Select(each => each.Event.Id);
        Assert.Equal(decided, last.Cast<Decided>().Select(each => each.Event.Id));
        Assert.All(answers.Where(each => each[0] is not Decided), each => Assert.All(
            each, answer => Assert.IsType<KeyInProgress>(answer)));
    }

    /// <summary>Asks until every request is decided, as a client does: again with the same keys.</summary>
    private static async Task<List<(string Key, DecisionId Id)>> CallAsync(TestLoop loop, int caller)
    {
        var decided = new List<(string Key, DecisionId Id)>();
        for (var number = 0; number < CallsEach; number++)
        {
            var open = CallOf(caller, number);
            while (open.Count > 0)
            {
                var answers = await loop.Loop.SubmitAsync(open, CancellationToken.None);
                Assert.All(answers, answer => Assert.True(
                    answer is Decided or Unavailable or KeyInProgress, $"{answer}"));
                decided.AddRange(open.Zip(answers)
                    .Where(pair => pair.Second is Decided)
                    .Select(pair => (((Place)pair.First).IdempotencyKey, ((Decided)pair.Second).Event.Id)));
                open = [.. open.Zip(answers).Where(pair => pair.Second is not Decided).Select(pair => pair.First)];
            }
        }

        return decided;
    }

    private static List<Command> CallOf(int caller, int number) =>
        [.. Enumerable.Range(0, PerCall).Select(at => $"c{caller}-{number}-{at}").Select(name =>
        {
            var request = Request(name, accelerators: 0);
            return PlaceOf(request with { Unit = request.Unit with { AcceleratorShareMilli = 1 } }, name);
        })];

    /// <summary>Ends connections that are writing, now and then.</summary>
    private static async Task<long> BreakAsync(TestDatabase database, CancellationToken over)
    {
        const string End = """
            select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity
            where application_name = 'control-plane write' and datname = current_database() and state = 'active'
                and query like '%append_ledger_batch%'
            """;
        var broken = 0L;
        while (!over.IsCancellationRequested)
        {
            broken += await database.AskAsync<long>(End);
            await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(broken > 0 ? 150 : 2), over));
        }

        return broken;
    }

    private static async Task AssertSoundAsync(
        TestDatabase database, Dictionary<string, DecisionId> acknowledged)
    {
        var store = new LedgerStore(database.Database, new FleetReader());
        var state = new LedgerState(new FleetReader());
        await foreach (var record in store.ReadAsync(0, LedgerRecord.NoHash, CancellationToken.None))
        {
            if (record.Event is PlacementDecided decided)
            {
                Assert.True(
                    acknowledged.Remove(decided.IdempotencyKey, out var id),
                    $"{decided.IdempotencyKey} is there twice");
                Assert.Equal(id, decided.Id);
                if (record.Position % 97 == 0) Assert.IsType<ReplaySame>(Replay.Of(state, record));
            }

            FoldSoundly(state, record);
        }

        Assert.Empty(acknowledged);
    }

    private static Task<TestLoop> StartAsync(TestDatabase database) => TestLoop.StartAsync(database, Shipped);

    private static IEnumerable<SourceFile> Shipped => TreeReader.Read(Checkout.Root, "regions").Value.Files;
}
