using ControlPlane.Failover;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Failover;

/// <summary>Takes in what the provider of a site says about its health, over HTTP.</summary>
internal sealed class SignalsApi(DecisionLoop loop, SiteStore store)
{
    private static readonly KeyValuePair<string, bool>[] Healths = [new("well", true), new("ill", false)];

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/sites/{id}:report-health", ReportAsync).Declared(SignalsOperations.Report);

    private async Task<IResult> ReportAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        var sight = Sight.Of(request.Caller(), Permission.SitesOperate, loop.Fleet);
        if (SitesApi.WhyMissing(loop.Fleet, sight, id) is { } missing) return missing;
        var (fields, problem) =
            await RequestBody.ReadFieldsAsync(request, SignalsOperations.MostBodyBytes, cancellation);
        if (problem is not null) return problem;
        var healthy = fields!.Choice("health", required: true, Healths); // there when there is no problem
        var confidence = fields.Whole("confidencePercent", required: false, 1, 100) ?? SignalsOperations.Confidence;
        var because = SitesApi.Because(fields, required: true);
        fields.Finish();
        if (fields.Wrong.Any) return new ProblemAnswer(fields.Wrong.Problems);
        await store.SayAsync(
            new HealthSignal
            {
                Site = new SiteId(id), Source = SignalSource.Provider, Healthy = healthy!.Value, // else it was wrong
                ConfidencePercent = (int)confidence, AgeMilliseconds = 0, Detail = $"{request.Caller()}: {because}",
            },
            cancellation);
        return Results.NoContent();
    }
}
