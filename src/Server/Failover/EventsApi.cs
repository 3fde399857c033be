using System.Globalization;
using ControlPlane.Failover;
using ControlPlane.Ledger;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Failover;

/// <summary>
/// Tells what happens to sites and moves, as it happens, as Server-Sent Events. Each event has the position of its
/// record as its id, so that whoever was away goes on where it left off.
/// </summary>
internal sealed class EventsApi(LedgerHost ledger, PlacementStore placements, LossTerms terms)
{
    private const int MostPerRead = 500;

    private readonly LedgerStore store = ledger.Store;
    private readonly DecisionLoop loop = ledger.Loop;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(15);

    public static ApiOperation Follow { get; } = new("followEvents", "Sites and moves", "Follow what happens to sites")
    {
        Needs = Permission.SitesRead,
        Description = "Goes on until the client hangs up. Last-Event-ID, or after, says where to start; left out: now. "
            + "Beside records it tells when no site is taken for lost because too many are silent at once, and when "
            + "sites are judged again; those events have no id, and each server tells them as it hears the sites "
            + "itself.",
        Query = [new("after", "Position behind which to start.") { Whole = (0, long.MaxValue) }],
        Answers =
        [
            new(StatusCodes.Status200OK, typeof(string), "one event for each record")
            {
                MediaType = "text/event-stream",
            },
        ],
        Problems = [ProblemCatalog.OutOfRange, ProblemCatalog.StoreUnavailable],
    };

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/events", FollowAsync).Declared(Follow);

    private async Task FollowAsync(HttpContext context, CancellationToken cancellation)
    {
        var position = await StartAsync(context.Request, cancellation);
        var writer = new EventWriter(placements, terms);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(": connected\n\n", cancellation);
        await context.Response.Body.FlushAsync(cancellation);
        var silent = TimeSpan.Zero;
        string? alert = null;
        while (!cancellation.IsCancellationRequested)
        {
            var records = await store.ReadPageAsync(position, MostPerRead, cancellation);
            foreach (var record in records)
            {
                position = record.Position;
                if (!EventWriter.Tells(record.Event)) continue;
                if (!await SeesAsync(context.Request.Caller(), record.Event, cancellation)) continue;
                var sight = Sight.Of(context.Request.Caller(), Permission.PlacementsRead, loop.Fleet);
                if (await writer.WriteAsync(record, (sight, loop.Fleet), cancellation) is not { } text) continue;
                await context.Response.WriteAsync(text, cancellation);
                silent = TimeSpan.Zero;
            }

            if (ledger.Judged is { } judged && judged.Alert != alert)
            {
                alert = judged.Alert;
                await context.Response.WriteAsync(EventWriter.Of(alert, DateTimeOffset.UtcNow), cancellation);
                silent = TimeSpan.Zero;
            }

            if (records.Count == MostPerRead) continue;
            await context.Response.Body.FlushAsync(cancellation);
            await Task.Delay(LookEvery, cancellation);
            silent += LookEvery;
            if (silent < BeatEvery) continue;
            await context.Response.WriteAsync(": still here\n\n", cancellation);
            silent = TimeSpan.Zero;
        }
    }

    private async Task<long> StartAsync(HttpRequest request, CancellationToken cancellation)
    {
        var given = request.Query["after"].FirstOrDefault() ?? request.Headers["Last-Event-ID"].FirstOrDefault();
        return long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var after)
            ? after
            : (await store.ReadHeadAsync(cancellation)).Position;
    }

    /// <summary>What happens in a jurisdiction that the caller is kept out of is not told to it.</summary>
    private async Task<bool> SeesAsync(Caller caller, LedgerEvent happened, CancellationToken cancellation)
    {
        var fleet = loop.Fleet;
        var sight = Sight.Of(caller, Permission.SitesRead, fleet);
        if (sight.IsWhole) return true;
        bool SeesSite(SiteId id) =>
            sight.Regions is null || (fleet.FindSite(id) is { } site && sight.SeesRegion(site.Region.Id.Value));
        return happened switch
        {
            SiteChanged changed => SeesSite(changed.Condition.Site),
            NodeChanged changed => fleet.FindPool(changed.Node.Pool) is { } pool && SeesSite(pool.Site.Id),
            PlanLanded landed => landed.Plan.Sites.All(SeesSite),
            PlacementDecided decided => await placements.FindAsync(decided.Id.Value, sight, cancellation) is not null,
            MoveStepped stepped => await placements.FindAsync(stepped.Placement.Value, sight, cancellation) is not null,
            _ => false,
        };
    }
}
