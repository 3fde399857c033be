using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Placements;

/// <summary>Keeps room for a while over HTTP, until it is confirmed, released or runs out.</summary>
internal sealed class HoldApi(DecisionLoop loop, RequestDesk desk, PlacementStore store)
{
    private readonly AnswerJson json = new(desk.Elsewhere);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/holds", HoldAsync).Declared(HoldOperations.Hold);
        routes.MapRead("/v1/holds/{id}", ShowAsync).Declared(HoldOperations.Show);
        routes.MapPost("/v1/holds/{id}:confirm", ConfirmAsync).Declared(HoldOperations.Confirm);
        routes.MapPost("/v1/holds/{id}:release", ReleaseAsync).Declared(HoldOperations.Release);
    }

    private async Task<IResult> HoldAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (places, problem) = await desk.TakeAsync(request, RequestForm.Hold, cancellation);
        if (problem is not null) return problem;
        return await loop.SubmitAsync(places[0], cancellation) switch
        {
            Decided decided => new DecidedAnswer(json, decided, (places[0].Explain, "holds")),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private async Task<IResult> ShowAsync(Guid id, HttpRequest request, CancellationToken cancellation) =>
        await store.FindAsync(
            id, Sight.Of(request.Caller(), Permission.PlacementsRead, loop.Fleet).To(request.Query["tenant"]),
            cancellation) is { State: "held" } hold
            ? Results.Ok(hold)
            : AnswerResults.Missing($"there is no hold {id}; a hold that ran out, was confirmed or released is gone");

    private async Task<IResult> ConfirmAsync(Guid id, HttpRequest request, CancellationToken cancellation)
    {
        if (await ForeignAsync(id, request, cancellation) is { } missing) return missing;
        return await loop.SubmitAsync(new Confirm(new DecisionId(id)), cancellation) switch
        {
            Confirmed confirmed => Results.Ok(AnswerWriter.Of(confirmed.Placement, confirmed.Fleet)),
            AlreadyConfirmed confirmed => Results.Ok(AnswerWriter.Of(confirmed.Placement, confirmed.Fleet)),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private async Task<IResult> ReleaseAsync(Guid id, HttpRequest request, CancellationToken cancellation)
    {
        if (await ForeignAsync(id, request, cancellation) is { } missing) return missing;
        var answer = await loop.SubmitAsync(new Release(new DecisionId(id), null, OnlyHold: true), cancellation);
        return answer is Released ? Results.NoContent() : AnswerResults.ProblemOf(answer);
    }

    /// <summary>The same answer for another tenant's hold as for none. Whose a hold is never changes.</summary>
    private async Task<ProblemAnswer?> ForeignAsync(Guid id, HttpRequest request, CancellationToken cancellation)
    {
        var own = Sight.OfOwn(request.Caller(), loop.Fleet).To(request.Query["tenant"]);
        return !own.IsWhole && await store.FindAsync(id, own, cancellation) is null
            ? AnswerResults.Missing($"there is no hold {id}; a hold that ran out, was confirmed or released is gone")
            : null;
    }
}
