using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Server.Capacity;
using ControlPlane.Server.Cells;
using ControlPlane.Server.Database;
using ControlPlane.Server.Failover;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;
using ControlPlane.Server.Policies;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Holds what works on the ledger while the server runs: the decision loop and the watching of declared files.
/// </summary>
internal sealed class LedgerHost : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private Task watching = Task.CompletedTask;

    private readonly Projector projector;
    private readonly SiteReconciler sites;

    private LedgerHost(LedgerParts parts)
    {
        (Store, Reader, Loop, Lease) = (parts.Store, parts.Reader, parts.Loop, parts.Lease);
        (Tables, projector, sites) = (parts.Tables, parts.Projector, parts.Sites);
        States = new StateTurns(parts.Store, TimeProvider.System);
        Effects = new PolicyEffects(States);
        Denials = new DenialLog(parts.Loop);
    }

    public LedgerStore Store { get; }

    public DecisionReader Reader { get; }

    public DecisionLoop Loop { get; }

    /// <summary>How this server judges sites at the moment, or would; null before it looked.</summary>
    public SitesJudged? Judged => sites.Judged;

    /// <summary>Lends states of their own to what takes long.</summary>
    public StateTurns States { get; }

    /// <summary>Works out what policies would do.</summary>
    public PolicyEffects Effects { get; }

    public WriterLease Lease { get; }

    public ProjectedTables Tables { get; }

    /// <summary>Brings what was denied into the ledger.</summary>
    public DenialLog Denials { get; }

    /// <summary>Reaches the server that writes by preference.</summary>
    public HttpMessageInvoker ToWriter { get; } = WriterForward.CreateClient();

    /// <summary>
    /// Loads the state and declares the files. Files with problems refuse the start when there is nothing to keep.
    /// </summary>
    public static async Task<LedgerHost> StartAsync(
        PostgresDatabase database, ServerOptions options, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var store = new LedgerStore(database, new FleetReader());
        await new RetentionStore(database).CheckAsync(store, cancellation);
        var state = await store.LoadAsync(cancellation);
        var host = new LedgerHost(await PartsAsync((database, store), (state, options), loggers, cancellation));
        var loop = host.Loop;
        var log = loggers.CreateLogger<DeclaredFiles>();
        var regions = new DeclaredFiles(
            options.RegionsDirectory, (files, _) => new DeclareFleet(options.Cells.With(files)),
            loop, log);
        var policies = new DeclaredFiles(options.PoliciesDirectory, ActivatePolicies.Of, loop, log);
        try
        {
            await DeclareAsync(regions, "region", mustHold: state.FleetFiles.Count == 0, cancellation);
            CheckCell(options.Cells, loop.Fleet);
            await DeclareAsync(policies, "policy", mustHold: state.InForce.Activations.Count == 0, cancellation);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }

        host.sites.Begin();
        var hours = new UsageReconciler(
            new UsageStore(database), host.Store, TimeProvider.System, loggers.CreateLogger<UsageReconciler>());
        var stale = new DrillReconciler(
            new DrillStore(database), host.Loop, TimeProvider.System, loggers.CreateLogger<DrillReconciler>());
        host.watching = Task.WhenAll(
            regions.WatchAsync(TimeProvider.System, host.stopping.Token),
            policies.WatchAsync(TimeProvider.System, host.stopping.Token),
            hours.RunAsync(host.stopping.Token),
            stale.RunAsync(host.stopping.Token));
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
        await Denials.DisposeAsync();
        await sites.DisposeAsync();
        await Loop.DisposeAsync();
        await projector.DisposeAsync();
        Reader.Dispose();
        States.Dispose();
        await Lease.DisposeAsync();
        ToWriter.Dispose();
        stopping.Dispose();
    }

    private static async Task<LedgerParts> PartsAsync(
        (PostgresDatabase Database, LedgerStore Store) on, (LedgerState State, ServerOptions Options) with,
        ILoggerFactory loggers, CancellationToken cancellation)
    {
        var ((database, store), (state, options)) = (on, with);
        var tables = new ProjectedTables(database);
        var inStep = await tables.ReadPositionAsync(cancellation) == state.Position;
        var projector = new Projector(
            new ProjectorServices(database, store, tables), inStep ? state.CopyWithoutKeys() : null,
            loggers.CreateLogger<Projector>());
        var services = new BatchServices(database, new IdempotencyStore(store), TimeProvider.System)
        {
            Committed = projector.Offer, PolicyKeys = options.PolicyKeys,
            Rounds = new SiteRounds(options.Loss, TimeProvider.System),
        };
        var reader = new DecisionReader(database, store);
        var decider = new BatchDecider(state, store, services, loggers.CreateLogger<BatchDecider>());
        var loop = new DecisionLoop(decider, new RepeatedAnswers(services.Reasons, reader), TimeProvider.System);
        var lease = new WriterLease(database, loggers.CreateLogger<WriterLease>());
        var sites = new SiteReconciler(loop, lease, loggers.CreateLogger<SiteReconciler>());
        projector.IsWriter = () => lease.Writer is null;
        return new LedgerParts(store, reader, loop, lease, tables, projector) { Sites = sites };
    }

    /// <summary>A server that was told to be a cell decides for nothing else, also when its files are bad.</summary>
    private static void CheckCell(CellOptions asked, Fleet fleet)
    {
        if (asked.Spec is not { } cell || fleet.Cell == cell) return;
        throw new StartRefusedException(
            ExitCode.Conflict,
            $"the ledger cannot be that of cell {cell.Cell} with {string.Join(", ", cell.Jurisdictions)}: "
            + "what its log says of the region files comes first");
    }

    private static async Task DeclareAsync(
        DeclaredFiles files, string what, bool mustHold, CancellationToken cancellation)
    {
        var problems = await files.ApplyAsync(cancellation);
        if (problems.Count == 0) return;
        if (!mustHold && problems.All(problem => problem.Slug != ProblemCatalog.CellChanged.Slug))
        {
            foreach (var problem in problems) files.Say(problem);
            return;
        }

        throw new StartRefusedException(
            ExitCode.InvalidInput,
            $"the {what} files cannot be used:\n{string.Join('\n', problems.Select(problem => $"  {problem}"))}");
    }
}

/// <summary>What a host is made of.</summary>
internal sealed record LedgerParts(
    LedgerStore Store, DecisionReader Reader, DecisionLoop Loop, WriterLease Lease, ProjectedTables Tables,
    Projector Projector)
{
    public required SiteReconciler Sites { get; init; }
}
