using ControlPlane.Regions;
using ControlPlane.Server.Database;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Holds what works on the ledger while the server runs: the decision loop and the watching of declared files.
/// </summary>
internal sealed class LedgerHost : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private Task watching = Task.CompletedTask;

    private LedgerHost(LedgerStore store, DecisionReader reader, DecisionLoop loop, WriterLease lease)
    {
        Lease = lease;
        Store = store;
        Reader = reader;
        Loop = loop;
    }

    public LedgerStore Store { get; }

    public DecisionReader Reader { get; }

    public DecisionLoop Loop { get; }

    public WriterLease Lease { get; }

    /// <summary>Reaches the server that writes by preference.</summary>
    public HttpMessageInvoker ToWriter { get; } = WriterForward.CreateClient();

    /// <summary>
    /// Loads the state and declares the files. Files with problems refuse the start when there is nothing to keep.
    /// </summary>
    public static async Task<LedgerHost> StartAsync(
        PostgresDatabase database, ServerOptions options, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var store = new LedgerStore(database, new FleetReader());
        var state = await store.LoadAsync(cancellation);
        var reader = new DecisionReader(database, store);
        var services = new BatchServices(database, new IdempotencyStore(database), TimeProvider.System);
        var loaded = (state, await store.ReadFleetPositionAsync(cancellation));
        var decider = new BatchDecider(loaded, store, services, loggers.CreateLogger<BatchDecider>());
        var loop = new DecisionLoop(decider, new RepeatedAnswers(store, reader), TimeProvider.System);
        var host = new LedgerHost(
            store, reader, loop, new WriterLease(database, loggers.CreateLogger<WriterLease>()));
        var log = loggers.CreateLogger<DeclaredFiles>();
        var regions = new DeclaredFiles(options.RegionsDirectory, files => new DeclareFleet(files), loop, log);
        var policies = new DeclaredFiles(options.PoliciesDirectory, files => new ActivatePolicies(files), loop, log);
        try
        {
            await DeclareAsync(regions, "region", mustHold: state.FleetFiles.Count == 0, cancellation);
            await DeclareAsync(policies, "policy", mustHold: state.PolicyFiles.Count == 0, cancellation);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }

        host.watching = Task.WhenAll(
            regions.WatchAsync(TimeProvider.System, host.stopping.Token),
            policies.WatchAsync(TimeProvider.System, host.stopping.Token));
        return host;
    }

    /// <summary>Records that stood in the ledger when this was asked and that the server has not taken in.</summary>
    public async Task<long> BehindAsync(TimeSpan limit, CancellationToken cancellation)
    {
        var head = await Store.ReadHeadAsync(cancellation);
        if (Loop.Position < head.Position)
        {
            // Anything that goes through the loop brings it up to date, if it can be.
            await Task.WhenAny(Loop.SubmitAsync(new ExpireHolds(), cancellation), Task.Delay(limit, cancellation));
        }

        return Math.Max(0, head.Position - Loop.Position);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await watching;
        await Loop.DisposeAsync();
        Reader.Dispose();
        await Lease.DisposeAsync();
        ToWriter.Dispose();
        stopping.Dispose();
    }

    private static async Task DeclareAsync(
        DeclaredFiles files, string what, bool mustHold, CancellationToken cancellation)
    {
        var problems = await files.ApplyAsync(cancellation);
        if (problems.Count == 0) return;
        if (!mustHold)
        {
            foreach (var problem in problems) files.Say(problem);
            return;
        }

        throw new StartRefusedException(
            ExitCode.InvalidInput,
            $"the {what} files cannot be used:\n{string.Join('\n', problems.Select(problem => $"  {problem}"))}");
    }
}
