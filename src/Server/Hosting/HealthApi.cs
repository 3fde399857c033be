using ControlPlane.Server.Database;

namespace ControlPlane.Server.Hosting;

/// <summary>Answers whether the process lives and whether it can do its work.</summary>
internal static class HealthApi
{
    private static readonly TimeSpan DatabaseLimit = TimeSpan.FromSeconds(2);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/livez", () => Results.Text("ok\n"));
        routes.MapGet("/readyz", ReadyAsync);
    }

    private static async Task<IResult> ReadyAsync(
        PostgresDatabase database, HttpResponse response, CancellationToken cancellation)
    {
        if (await database.IsReachableAsync(DatabaseLimit, cancellation)) return Results.Text("ok\n");
        response.Headers.RetryAfter = "1";
        return Results.Problem(
            type: "/problems/store-unavailable",
            title: "The database cannot be reached",
            detail: "The server is running and keeps trying; nothing was changed.",
            statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
