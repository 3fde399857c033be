using ControlPlane.Files;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;
using ControlPlane.Server.Tests.Database;
using ControlPlane.Workloads;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Server.Tests.Ledger;

/// <summary>A decision loop on a database, as a server runs it, without the rest of a server.</summary>
internal sealed class TestLoop : IAsyncDisposable
{
    private readonly DecisionReader reader;
    private readonly Projector projector;

    private TestLoop(LedgerStore store, DecisionReader reader, DecisionLoop loop, Projector projector)
    {
        Store = store;
        this.reader = reader;
        Loop = loop;
        this.projector = projector;
    }

    public LedgerStore Store { get; }

    public DecisionLoop Loop { get; }

    public static Task<TestLoop> StartAsync(TestDatabase database, IEnumerable<SourceFile> files) =>
        StartAsync(database, files, Placer.Decide);

    public static async Task<TestLoop> StartAsync(
        TestDatabase database, IEnumerable<SourceFile> files, DecisionEngine engine)
    {
        var store = new LedgerStore(database.Database, new FleetReader());
        var tables = new ProjectedTables(database.Database);
        var projector = new Projector(
            new ProjectorServices(database.Database, store, tables), null, NullLogger<Projector>.Instance);
        var services = new BatchServices(database.Database, new IdempotencyStore(store), TimeProvider.System)
        {
            Engine = engine, Committed = projector.Offer,
        };
        var decider = new BatchDecider(
            await store.LoadAsync(CancellationToken.None), store, services, NullLogger<BatchDecider>.Instance);
        var reader = new DecisionReader(database.Database, store);
        var loop = new DecisionLoop(decider, new RepeatedAnswers(services.Reasons, reader), TimeProvider.System);
        var started = new TestLoop(store, reader, loop, projector);
        Assert.IsType<Declared>(await started.SubmitAsync(new DeclareFleet(files.ToSeq())));
        return started;
    }

    public Task<Answer> SubmitAsync(Command command) => Loop.SubmitAsync(command, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Loop.DisposeAsync();
        await projector.DisposeAsync();
        reader.Dispose();
    }

    /// <summary>Folds a record in; no node that it uses may be overcommitted then.</summary>
    public static void FoldSoundly(LedgerState state, LedgerRecord record)
    {
        state.Fold(record);
        if (record.Event is not PlacementDecided { Decision: Placed placed }) return;
        Assert.All(placed.Units, unit => Assert.True(
            state.World.Nodes.IsSound(state.World.Fleet.FindPool(unit.Node.Pool)!.Index, unit.Node.Ordinal),
            $"record {record.Position}"));
    }

    public static Place PlaceOf(PlacementRequest request, string key) =>
        new(request, null, key, RequestHash.Of(request, null), Explain: false);

    public static Place HoldOf(PlacementRequest request, string key)
    {
        var hold = TimeSpan.FromMinutes(10);
        return new(request, hold, key, RequestHash.Of(request, hold), Explain: false);
    }

    public static PlacementRequest Request(string workload, int accelerators) => new()
    {
        Tenant = new("tenant-a"),
        Workload = workload,
        Kind = WorkloadKind.Batch,
        DataClass = new("public"),
        Residency = [new JurisdictionId("DE")],
        Units = 1,
        Unit = new UnitNeed { Accelerators = accelerators, MinMemoryGib = 79, CpuMilli = 4_000, MemoryMib = 16_384 },
    };
}
