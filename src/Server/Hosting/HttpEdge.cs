using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Server.Database;
using ControlPlane.Server.Inventory;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Hosting;

/// <summary>Puts every endpoint on its path and gives every bare error a body.</summary>
internal static class HttpEdge
{
    /// <summary>JSON as clients get it: camel case, absent instead of null.</summary>
    public static void Configure(IServiceCollection services) => services.ConfigureHttpJsonOptions(json =>
    {
        json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
    });

    public static void Map(WebApplication app, LedgerHost ledger, PostgresDatabase database)
    {
        app.UseExceptionHandler(failed => failed.Run(context =>
            ProblemAnswers.Of(ProblemCatalog.Internal.At("", "the request could not be answered")).ExecuteAsync(context)));
        app.UseStatusCodePages(context => ProblemAnswers
            .Of(ProblemAnswers.OfStatus(context.HttpContext.Response.StatusCode)).ExecuteAsync(context.HttpContext));
        HealthApi.Map(app);
        new PlacementApi(ledger.Loop, new PlacementStore(database), TimeProvider.System).Map(app);
        new InventoryApi(ledger.Loop, new InventoryStore(database)).Map(app);
        new LedgerApi(ledger.Store, ledger.Reader).Map(app);
        app.MapGet("/problems/{slug}", (string slug) => ProblemTable.Find(slug) is { } kind
            ? Results.Text($"{kind.Title}\n\n{kind.Explanation}\n")
            : ProblemAnswers.Of(ProblemCatalog.NotFound.At("slug", $"no problem is called '{slug}'")));
    }
}
