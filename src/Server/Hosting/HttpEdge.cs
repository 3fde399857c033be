using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Server.Capacity;
using ControlPlane.Server.Cells;
using ControlPlane.Server.Database;
using ControlPlane.Server.Failover;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Inventory;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;
using ControlPlane.Server.Policies;

namespace ControlPlane.Server.Hosting;

/// <summary>Makes the HTTP side of the server: limits, checks, endpoints, and a body for every error.</summary>
internal static class HttpEdge
{
    public static WebApplication Create(
        ServerOptions options, LedgerHost ledger, PostgresDatabase database, IdentityHost identity)
    {
        var builder = WebApplication.CreateSlimBuilder();
        ServerLog.Configure(builder.Logging, options.LogLevel);
        builder.WebHost.ConfigureKestrel(kestrel => EdgeLimits.Set(kestrel, options));
        builder.Services.ConfigureHttpJsonOptions(json => Configure(json.SerializerOptions));
        ApiDocument.Configure(builder.Services);
        builder.Services.AddSingleton(services => new AuditTree(
            ledger.Store, identity.Key, services.GetRequiredService<ILogger<AuditTree>>()));
        builder.Services.AddSingleton(services => Retention(
            (options.Retention, ledger), database, services.GetRequiredService<AuditTree>(),
            services.GetRequiredService<ILogger<RetentionReconciler>>()));
        builder.Services.AddSingleton(services => new CellLink(
            ledger, options.Cells, identity.Key, services.GetRequiredService<ILogger<CellLink>>()));
        var app = builder.Build();
        app.UseExceptionHandler(failed => failed.Run(context =>
            ProblemAnswer.Of(ProblemCatalog.Internal, "the request could not be answered").ExecuteAsync(context)));
        app.UseStatusCodePages(status => FillAsync(status.HttpContext));
        app.UseRouting();
        app.UseMiddleware<EdgeCheck>();
        app.UseMiddleware<Gate>(identity, ledger);
        var rates = new TenantRates(options.TenantRate, TimeProvider.System);
        app.UseMiddleware<TenantDoor>(rates, new TenantCrowds(options.TenantConcurrency));
        app.UseMiddleware<WriterForward>(ledger.Lease, ledger.ToWriter);
        app.UseMiddleware<ReadYourWrites>(ledger.Tables);
        Map(app, (options, rates), (ledger, identity), database);
        new BreakGlassApi(identity.Glass, ledger.Loop).Map(app);
        var credentials = new LocalIssuer(identity.Key, TimeProvider.System);
        new GrantApi(ledger.Loop, credentials, TimeProvider.System).Map(app);
        if (options.AuditHeads is { } heads) app.Services.GetRequiredService<AuditTree>().ExportTo(heads);
        app.Services.GetRequiredService<RetentionReconciler>().Begin();
        MapCapacity(app, (ledger, database), identity.Key);
        new CellApi(ledger, app.Services.GetRequiredService<CellLink>()).Map(app);
        return app;
    }

    /// <summary>JSON as clients get it: camel case, absent instead of null.</summary>
    public static void Configure(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
    }

    private static void Map(
        WebApplication app, (ServerOptions Options, TenantRates Rates) with,
        (LedgerHost Ledger, IdentityHost Identity) hosts, PostgresDatabase database)
    {
        var (options, rates) = with;
        var ledger = hosts.Ledger;
        var join = new AgentJoin(new SiteStore(database), hosts.Identity.Key, TimeProvider.System);
        if (hosts.Identity.Local is not null) join.WriteTrialToken(options.DataDirectory);
        new AgentApi(ledger.Loop, new SiteStore(database), join, options.Loss).Map(app);
        new SitesApi(ledger.Loop, join).Map(app);
        new SignalsApi(ledger.Loop, new SiteStore(database)).Map(app);
        new NodesApi(ledger.Loop).Map(app);
        new EventsApi(ledger, new PlacementStore(database), options.Loss).Map(app);
        new HealthApi(database, ledger).Map(app);
        var desk = new RequestDesk(
            ledger.Loop,
            rates,
            TimeProvider.System)
        {
            Elsewhere = new ElsewhereDesk(
                app.Services.GetRequiredService<CellLink>().Known, () => (ledger.Loop.Fleet, ledger.Loop.Policies)),
        };
        var placements = new PlacementStore(database);
        new PlacementApi(ledger.Loop, desk, placements).Map(app);
        new HoldApi(ledger.Loop, desk, placements).Map(app);
        new InventoryApi(ledger.Loop, new InventoryStore(database)).Map(app);
        new AuditApi(app.Services.GetRequiredService<AuditTree>()).Map(app);
        new RetentionApi(app.Services.GetRequiredService<RetentionReconciler>(), new RetentionStore(database)).Map(app);
        new LedgerApi(ledger.Store, ledger.Reader, ledger.Loop).Map(app);
        new PolicyApi(ledger, TimeProvider.System).Map(app);
        ProblemApi.Map(app);
        ApiDocument.Map(app);
    }

    private static RetentionReconciler Retention(
        (RetentionTerms? Terms, LedgerHost Ledger) of, PostgresDatabase database, AuditTree tree, ILogger log)
    {
        var (terms, ledger) = of;
        var services = new RetentionServices(ledger.Store, new RetentionStore(database), ledger.Loop)
        {
            Archive = terms is null ? null : new LedgerArchive(terms.Archive, ledger.Store),
            Sign = tree.WriteHeadAsync,
            Log = log,
        };
        return new RetentionReconciler(services, terms, TimeProvider.System)
        {
            IsWriter = () => ledger.Lease.Writer is null,
        };
    }

    private static void MapCapacity(
        WebApplication app, (LedgerHost Ledger, PostgresDatabase Database) on, ServerKey key)
    {
        var (ledger, database) = on;
        var states = ledger.States;
        var usage = new UsageStore(database);
        var forecasts = new ForecastApi(states, usage, TimeProvider.System);
        forecasts.Map(app);
        new CapacityApi(states, new WaitingStore(database, ledger.Store), new LookStore(database), forecasts).Map(app);
        new UsageApi(usage, ledger.Loop).Map(app);
        new DataApi(states, new WaitingStore(database, ledger.Store)).Map(app);
        new DrillApi(states, new DrillStore(database), key).Map(app);
        new WhatIfApi(states).Map(app);
        new DefragmentationApi(states, ledger.Loop).Map(app);
        new ReservationApi(ledger.Loop, TimeProvider.System).Map(app);
    }

    /// <summary>Routing answers some requests with a bare status; OPTIONS is told the methods and no more.</summary>
    private static Task FillAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        if (status == StatusCodes.Status405MethodNotAllowed && HttpMethods.IsOptions(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        return new ProblemAnswer([StatusProblem.Of(status)]).ExecuteAsync(context);
    }
}
