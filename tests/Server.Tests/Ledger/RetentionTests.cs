using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;
using ControlPlane.Server.Tests.Database;
using ControlPlane.Server.Tests.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using static ControlPlane.Server.Tests.Ledger.TestLoop;

namespace ControlPlane.Server.Tests.Ledger;

/// <summary>What is left, and still holds, after the content of old records was let go.</summary>
public sealed class RetentionTests : IAsyncLifetime, IAsyncDisposable
{
    private static readonly Seq<string> held = ["tenant-a/of-a-lawsuit"];

    private readonly TestDatabase database = new();
    private readonly TestDirectory directory = new("retention");
    private readonly SteppedClock clock = new(DateTimeOffset.UtcNow);
    private TestLoop loop = null!; // set when it started
    private ServerKey key = null!; // likewise
    private AuditTree tree = null!; // likewise
    private SignedHead before = null!; // likewise
    private DecisionId lives;
    private DecisionId confirmed;

    private LedgerStore Store => new(database.Database, new FleetReader());

    private RetentionStore Rows => new(database.Database);

    private ProjectionRebuild Tables => new(database.Database, Store);

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        key = ServerKey.LoadOrCreate(directory.Path);
        tree = new AuditTree(Store, key, NullLogger.Instance);
        loop = await StartAsync(database, SmallFleet.Files());
        for (var number = 0; number < 12; number++) await EndedAsync($"ended-{number}");
        lives = ((Decided)await loop.SubmitAsync(PlaceOf(Request("lives", 2), "lives"))).Event.Id;
        await EndedAsync("of-a-lawsuit");
        confirmed = ((Decided)await loop.SubmitAsync(HoldOf(Request("confirmed", 1), "confirmed"))).Event.Id;
        await loop.SubmitAsync(new Confirm(confirmed));
        await loop.SubmitAsync(PlaceOf(Request("refused", 64), "refused"));
        await new ProjectedTables(database.Database).WaitAsync(CancellationToken.None);
        before = await tree.HeadAsync(CancellationToken.None);
        clock.Advance(TimeSpan.FromDays(RecordsRetired.LeastDays + 2));
    }

    public async Task DisposeAsync()
    {
        await loop.DisposeAsync();
        await tree.DisposeAsync();
        key.Dispose();
        await database.DisposeAsync();
        directory.Dispose();
    }

    // Its own disposal, for whoever is no test runner.
    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    [Fact]
    public async Task Nothing_goes_before_its_time()
    {
        clock.Advance(TimeSpan.FromDays(-4));

        Assert.Equal(0, await RetireAsync());
        Assert.Null(await Rows.ReadAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Content_goes_its_hashes_stay_and_what_is_needed_is_whole()
    {
        var retired = await RetireAsync();

        Assert.InRange(retired, 25, before.Size);
        Assert.Equal(0, await HoldingAsync("ended-3"));
        Assert.Equal(0, await database.AskAsync<long>("select count(*) from decision where workload like 'ended%'"));
        foreach (var name in new[] { "lives", "confirmed", "of-a-lawsuit" })
            Assert.True(await HoldingAsync(name) > 0, $"{name} is gone");
        var finding = HeadVerification.Verify(await LinesAsync(), before, key.Id);
        Assert.Equal(new HeadFinding(true, before.Size + 1, null) { Retired = retired }, finding);
    }

    [Fact]
    public async Task A_server_that_starts_anew_gives_the_same_roots_and_proofs()
    {
        await RetireAsync();
        await using var anew = new AuditTree(Store, key, NullLogger.Instance);

        var (root, path, leaf) = await anew.WithTreeAsync(
            all => (all.RootAt(before.Size), all.Inclusion(3, before.Size), all.Inclusion(3, 4)),
            CancellationToken.None);

        Assert.Equal(before.Root, root);
        Assert.True(path.Count > leaf.Count);
        var retired = (await Store.ReadEntryPageAsync(3, 1, CancellationToken.None))[0].Retired!;
        Assert.True(MerkleProof.IncludesLeaf(
            (3, before.Size), retired.Leaf.Span, new MerkleProofHashes(path, before.Root)));
    }

    [Fact]
    public async Task The_state_from_what_is_left_is_the_state_from_everything()
    {
        await RetireAsync();
        await loop.SubmitAsync(PlaceOf(Request("afterwards", 1), "afterwards"));
        await loop.SubmitAsync(new Release(lives, null, OnlyHold: false));
        var whole = new LedgerState(new FleetReader());
        var rest = (await LinesAsync()).Skip((int)before.Size);
        var sound = LedgerExport.Verify(ArchivedLines().Concat(rest), whole.Fold);
        await database.ExecuteAsync(
            "delete from ledger_snapshot where position > (select up_to from ledger_retention)");

        var state = await Store.LoadAsync(CancellationToken.None);

        Assert.Equal(new LedgerSound(state.Position, state.Hash), sound);
        Assert.Equal(LedgerSnapshot.DigestTextOf(whole), LedgerSnapshot.DigestTextOf(state));
    }

    [Fact]
    public async Task Tables_are_rebuilt_equal_from_the_state_and_the_rest()
    {
        await RetireAsync();
        await loop.SubmitAsync(new Release(lives, null, OnlyHold: false));
        await loop.SubmitAsync(PlaceOf(Request("afterwards", 1), "afterwards"));
        await new ProjectedTables(database.Database).WaitAsync(CancellationToken.None);

        Assert.Empty((await Tables.VerifyAsync(CancellationToken.None)).Differences);
        await database.ExecuteAsync("truncate placement, placement_unit, decision; delete from node");
        await Tables.RebuildAsync(CancellationToken.None);
        Assert.Empty((await Tables.VerifyAsync(CancellationToken.None)).Differences);
        Assert.Equal(
            "afterwards,confirmed",
            await database.AskAsync<string>("select string_agg(workload, ',' order by workload) from placement"));
    }

    [Fact]
    public async Task It_goes_on_the_next_day_and_the_archive_has_everything()
    {
        await RetireAsync();
        await loop.SubmitAsync(new Release(lives, null, OnlyHold: false));
        await EndedAsync("later");
        await new ProjectedTables(database.Database).WaitAsync(CancellationToken.None);
        clock.Advance(TimeSpan.FromDays(1));

        var retired = await RetireAsync();

        Assert.True(retired > 3, $"{retired}");
        Assert.Equal(0, await HoldingAsync("lives"));
        Assert.Equal(0, await HoldingAsync("later"));
        Assert.Empty((await Tables.VerifyAsync(CancellationToken.None)).Differences);
        var archived = ArchivedLines().ToList();
        var found = HeadVerification.Verify(archived, before, key.Id);
        Assert.Equal(new HeadFinding(true, archived.Count, null), found);
        Assert.Equal(2, Directory.GetFiles(directory.In("archive"), "ledger-*.jsonl").Length);
        Assert.True(HeadVerification.Verify(await LinesAsync(), before, key.Id).IsSound);
    }

    [Fact]
    public async Task What_a_stopped_server_left_half_done_is_done_by_the_next_look()
    {
        await RetireAsync();
        // As if it had stopped before it came to the last of them.
        var archived = ArchivedLines().ToList();
        var fourth = Records(archived).Where(record => record.Position == 4);
        var body = Convert.ToHexStringLower(LedgerBatch.Write([.. fourth]));
        await database.ExecuteAsync($"""
            update ledger_batch set leaves = null, body = decode('{body}', 'hex')
            where first_position = 4 and last_position = 4;
            update ledger_retention set is_done = false
            """);

        Assert.Equal(1, await RetireAsync());
        Assert.True((await Rows.ReadAsync(CancellationToken.None))!.IsDone);
        Assert.True(HeadVerification.Verify(await LinesAsync(), before, key.Id).IsSound);
    }

    [Fact]
    public async Task A_repeated_key_gets_its_answer_while_its_record_is_whole_and_a_new_one_afterwards()
    {
        await RetireAsync();

        var known = (Decided)await loop.SubmitAsync(PlaceOf(Request("lives", 2), "lives"));
        var anew = (Decided)await loop.SubmitAsync(PlaceOf(Request("ended-3", 1), "ended-3"));

        Assert.Equal(lives, known.Event.Id);
        Assert.True(anew.Record.Position > before.Size);
    }

    [Theory]
    [InlineData("update ledger_batch set leaves = set_byte(leaves, 5, 255 - get_byte(leaves, 5)) where {0}")]
    [InlineData("update ledger_batch set leaves = sha256('other') where {0}")]
    [InlineData("delete from ledger_batch where {0}")]
    public async Task A_change_of_what_is_left_is_seen_against_an_old_head(string tampering)
    {
        await RetireAsync();
        await database.ExecuteAsync(tampering.Replace("{0}", "first_position = 4", StringComparison.Ordinal));

        var sound = false;
        try
        {
            sound = HeadVerification.Verify(await LinesAsync(), before, key.Id).IsSound;
        }
        catch (LedgerFormatException)
        {
            // Seen earlier still: the server does not hand it out.
        }

        Assert.False(sound);
    }

    [Theory]
    [InlineData("update ledger_snapshot set body = set_byte(body, 9, 255 - get_byte(body, 9)) where position = {0}")]
    [InlineData("delete from ledger_snapshot where position = {0}")]
    [InlineData("update ledger_retention set state_digest = sha256('other'), up_to = up_to - 1")]
    public async Task A_server_does_not_start_on_another_state_than_the_ledger_names(string tampering)
    {
        await RetireAsync();
        await Rows.CheckAsync(Store, CancellationToken.None);
        var at = await database.AskAsync<long>("select up_to from ledger_retention");
        await database.ExecuteAsync(tampering.Replace("{0}", $"{at}", StringComparison.Ordinal));

        var refused = await Assert.ThrowsAsync<StartRefusedException>(
            () => Rows.CheckAsync(Store, CancellationToken.None));

        Assert.Contains("restore the database from a backup", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_that_is_needed_is_shown_without_the_reasons_that_are_gone()
    {
        await RetireAsync();
        using var reader = new DecisionReader(database.Database, Store);

        var found = await reader.ReadAsync(lives, CancellationToken.None);

        Assert.Equal("lives", ((PlacementDecided)found!.Record.Event).Request.Workload);
        Assert.Equal((new ReplayRetired(), null), (found.Result, found.Explanation));
    }

    private Task<long> RetireAsync()
    {
        var terms = new RetentionTerms(RecordsRetired.LeastDays, directory.In("archive"), held);
        var services = new RetentionServices(Store, Rows, loop.Loop)
        {
            Archive = new LedgerArchive(terms.Archive, Store), Sign = tree.WriteHeadAsync, Log = NullLogger.Instance,
        };
        return new RetentionReconciler(services, terms, clock).RunOnceAsync(CancellationToken.None);
    }

    private async Task EndedAsync(string workload)
    {
        var placed = (Decided)await loop.SubmitAsync(PlaceOf(Request(workload, 1), workload));
        await loop.SubmitAsync(new Release(placed.Event.Id, null, OnlyHold: false));
    }

    private Task<long> HoldingAsync(string text) => database.AskAsync<long>($"""
        select (select count(*) from ledger_batch where position('{text}'::bytea in body) > 0)
            + (select count(*) from ledger_snapshot where position('{text}'::bytea in body) > 0)
        """);

    /// <summary>The ledger as lines of an export.</summary>
    private async Task<List<string>> LinesAsync()
    {
        var lines = new List<string>();
        RetiredRecord? last = null;
        await foreach (var entry in Store.ReadEntriesAsync(0, LedgerRecord.NoHash, CancellationToken.None))
        {
            if (last is not null)
                lines.Add(LedgerExport.Line(entry.Retired is null ? last : last with { Hash = null }));
            last = entry.Retired;
            if (entry.Record is { } record) lines.Add(LedgerExport.Line(record));
        }

        return lines;
    }

    private IEnumerable<string> ArchivedLines() => Directory
        .EnumerateFiles(directory.In("archive"), "ledger-*.jsonl").Order(StringComparer.Ordinal)
        .SelectMany(File.ReadLines);

    private static List<LedgerRecord> Records(IEnumerable<string> lines)
    {
        var records = new List<LedgerRecord>();
        LedgerExport.Verify(lines, records.Add);
        return records;
    }
}
