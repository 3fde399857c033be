using ControlPlane.Placements;
using ControlPlane.Server.Placements;
using ControlPlane.Server.Tests.Database;
using static ControlPlane.Server.Tests.Ledger.TestLoop;

namespace ControlPlane.Server.Tests.Ledger;

/// <summary>Refusals that are asked for again: what they are told, and what of the ledger is read for it.</summary>
public sealed class RefusalReasonsTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly TestDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    // Its own disposal, for whoever is no test runner.
    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    [Fact]
    public async Task Asked_again_nothing_of_the_ledger_is_read_but_the_commit_of_then()
    {
        await using var loop = await TestLoop.StartAsync(database, SmallFleet.Files());
        for (var number = 0; number < 5; number++) await PlaceAsync(loop, $"before-{number}", 1);
        var first = await BatchAsync(loop);
        for (var number = 0; number < 5; number++) await PlaceAsync(loop, $"after-{number}", 1);
        // The hash of the commit before it is what its records are checked against.
        var (from, to) = (first[0].Record.Position, first[^1].Record.Position);
        await database.ExecuteAsync($"""
            delete from ledger_snapshot;
            delete from ledger_batch where last_position < {from - 1} or first_position > {to}
            """);

        var again = await BatchAsync(loop);

        Assert.Equal(first.ConvertAll(Told), again.ConvertAll(Told));
        Assert.Equal([true, false, true], first.ConvertAll(decided => decided.Event.Decision is Refused));
    }

    [Fact]
    public async Task Refusals_that_are_alike_share_one_text_in_a_commit()
    {
        await using var loop = await TestLoop.StartAsync(database, SmallFleet.Files());

        await loop.Loop.SubmitAsync(
            [.. Enumerable.Range(0, 500).Select(number => PlaceOf(Request($"w{number}", 90), $"k{number}"))],
            CancellationToken.None);

        // The loop may have taken them in several commits, each of which has the text once.
        var bytes = await database.AskAsync<long>("select sum(length(body)) from refusal_reasons");
        Assert.InRange(bytes, 1_000, 100_000);
    }

    [Fact]
    public async Task Reasons_that_are_not_kept_are_found_again()
    {
        await using var loop = await TestLoop.StartAsync(database, SmallFleet.Files());
        var first = await BatchAsync(loop);
        await database.ExecuteAsync("truncate refusal_reasons");

        var again = await BatchAsync(loop);

        Assert.Equal(first.ConvertAll(Told), again.ConvertAll(Told));
    }

    private static async Task<List<Decided>> BatchAsync(TestLoop loop)
    {
        var answers = await loop.Loop.SubmitAsync(
            [
                PlaceOf(Request("too-large", 90), "key-0"), PlaceOf(Request("fits", 1), "key-1"),
                PlaceOf(Request("too-many", 9), "key-2"),
            ],
            CancellationToken.None);
        return [.. answers.Cast<Decided>()];
    }

    private static async Task PlaceAsync(TestLoop loop, string name, int accelerators) =>
        Assert.IsType<Decided>(await loop.SubmitAsync(PlaceOf(Request(name, accelerators), name)));

    private static (string Id, string Refusal) Told(Decided decided) =>
        ($"{decided.Event.Id}", decided.Refusal is { } text ? System.Text.Encoding.UTF8.GetString(text) : "");
}
