using System.Net.Mime;
using ControlPlane.Server.Database;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Hosting;

/// <summary>Answers whether the process lives and whether it can do its work.</summary>
internal sealed class HealthApi(PostgresDatabase database, LedgerHost ledger)
{
    private const string Tag = "Health";
    private static readonly TimeSpan databaseLimit = TimeSpan.FromSeconds(2);

    private static readonly ApiOperation live = new("isLive", Tag, "Tell whether the process lives")
    {
        Needs = Permission.Everybody,
        Answers = [Ok("it lives")],
    };

    private static readonly ApiOperation ready = new("isReady", Tag, "Tell whether the server can do its work")
    {
        Needs = Permission.Everybody,
        Query = [new("verbose", "Whether each check is listed; any value, also none.")],
        Answers = [Ok("it can")],
        Problems = [ProblemCatalog.StoreUnavailable],
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/livez", () => Results.Text("ok\n")).Declared(live);
        routes.MapRead("/readyz", ReadyAsync).Declared(ready);
    }

    private async Task<IResult> ReadyAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!await database.IsReachableAsync(databaseLimit, cancellation))
            return NotReady("the database cannot be reached; the server keeps trying, and nothing was changed");
        if (await ledger.BehindAsync(databaseLimit, cancellation) is > 0 and var behind)
            return NotReady($"the server has yet to take in {behind} records of the ledger");
        var loop = ledger.Loop;

        return Results.Text(request.Query.ContainsKey("verbose")
            ? $"database ok\nledger ok, position {loop.Position}\nfleet ok, {loop.Fleet.Own.Count()} regions\nok\n"
            : "ok\n");
    }

    private static ProblemAnswer NotReady(string detail) =>
        new([ProblemCatalog.StoreUnavailable.At("", detail)]) { RetryAfter = TimeSpan.FromSeconds(1) };

    private static ApiAnswer Ok(string description) =>
        new(StatusCodes.Status200OK, typeof(string), description) { MediaType = MediaTypeNames.Text.Plain };
}
