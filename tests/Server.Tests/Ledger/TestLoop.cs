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

    private TestLoop(LedgerStore store, DecisionReader reader, DecisionLoop loop)
    {
        Store = store;
        this.reader = reader;
        Loop = loop;
    }

    public LedgerStore Store { get; }

    public DecisionLoop Loop { get; }

    public static Task<TestLoop> StartAsync(TestDatabase database, IEnumerable<SourceFile> files) =>
        StartAsync(database, files, Placer.Decide);

    public static async Task<TestLoop> StartAsync(
        TestDatabase database, IEnumerable<SourceFile> files, DecisionEngine engine)
    {
        var store = new LedgerStore(database.Database, new FleetReader());
        var services = new BatchServices(
            database.Database, new IdempotencyStore(database.Database), TimeProvider.System) { Engine = engine };
        var loaded = (
            await store.LoadAsync(CancellationToken.None), await store.ReadFleetPositionAsync(CancellationToken.None));
        var decider = new BatchDecider(loaded, store, services, NullLogger<BatchDecider>.Instance);
        var reader = new DecisionReader(database.Database, store);
        var loop = new DecisionLoop(decider, new RepeatedAnswers(store, reader), TimeProvider.System);
        var started = new TestLoop(store, reader, loop);
        Assert.IsType<Declared>(await started.SubmitAsync(new DeclareFleet(files.ToSeq())));
        return started;
    }

    public Task<Answer> SubmitAsync(Command command) => Loop.SubmitAsync(command, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Loop.DisposeAsync();
        reader.Dispose();
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
