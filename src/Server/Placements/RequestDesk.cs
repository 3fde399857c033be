using ControlPlane.Ledger;
using ControlPlane.Server.Cells;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Placements;

/// <summary>Which body a request for places has.</summary>
internal enum RequestForm
{
    Placement,
    Hold,
    Batch,
}

/// <summary>Takes requests for places in: key, body, rate of the tenant. What it lets through can be decided.</summary>
internal sealed class RequestDesk(DecisionLoop loop, TenantRates rates, TimeProvider clock)
{
    /// <summary>Knows where else a caller might ask.</summary>
    public ElsewhereDesk Elsewhere { get; init; } = ElsewhereDesk.None;

    /// <summary>What is asked, or why it cannot be.</summary>
    public async Task<(IReadOnlyList<Place> Places, ProblemAnswer? Problem)> TakeAsync(
        HttpRequest request, RequestForm form, CancellationToken cancellation)
    {
        var (key, keyProblem) = RequestBody.KeyOf(request);
        var (reading, unread) = await ReadAsync(request, form, cancellation);
        if (unread is not null) return ([], unread);
        if (keyProblem is not null || reading.Wrong.Count > 0)
            return ([], new ProblemAnswer(keyProblem is null ? reading.All : [keyProblem, .. reading.All]));
        var places = reading.Asked
            .Select((asked, index) => PlaceOf(asked, form == RequestForm.Batch ? $"{key}/{index}" : key))
            .ToList();
        if (Forbidden(reading, request.Caller()) is { } forbidden) return ([], forbidden);
        if (LimitOf(reading) is { } limited) return ([], limited);
        // What was decided before is answered as before, also when the day has something against it now.
        if (reading.OfTheDay.Count == 0) return (places, null);
        return await loop.SubmitAsync(new CountKnown(places), cancellation) switch
        {
            KnownCount known when known.Requests == places.Count => (places, null),
            KnownCount => ([], new ProblemAnswer(reading.OfTheDay)),
            var failed => ([], AnswerResults.ProblemOf(failed)),
        };
    }

    /// <summary>What is to be planned, or why it cannot be.</summary>
    public async Task<(Asked? Asked, ProblemAnswer? Problem)> TakePlanAsync(
        HttpRequest request, CancellationToken cancellation)
    {
        var (reading, unread) = await ReadAsync(request, RequestForm.Placement, cancellation);
        if (unread is not null) return (null, unread);
        if (reading.All.Count > 0) return (null, new ProblemAnswer(reading.All));
        var problem = Forbidden(reading, request.Caller()) ?? LimitOf(reading);
        return problem is null ? (reading.Asked[0], null) : (null, problem);
    }

    private async Task<(RequestReading Reading, ProblemAnswer? Problem)> ReadAsync(
        HttpRequest request, RequestForm form, CancellationToken cancellation)
    {
        var limit = form == RequestForm.Batch ? RequestLimits.BatchBodyBytes : RequestLimits.BodyBytes;
        var (bytes, problem) = await RequestBody.ReadAsync(request, limit, cancellation);
        if (problem is not null) return (new RequestReading([], [], []), problem);
        var now = clock.GetUtcNow();
        return (form switch
        {
            RequestForm.Placement => RequestReader.Placement(bytes, loop.Fleet, now),
            RequestForm.Hold => RequestReader.Hold(bytes, loop.Fleet, now),
            _ => RequestReader.Batch(bytes, loop.Fleet, now),
        }, null);
    }

    /// <summary>Whether the caller may ask for these tenants and in these jurisdictions.</summary>
    private ProblemAnswer? Forbidden(RequestReading reading, Caller caller)
    {
        var problems = new Complaints();
        foreach (var (request, index) in reading.Asked.Select((asked, index) => (asked.Request, index)))
        {
            var at = reading.Asked.Count > 1 ? $"/requests/{index}" : "";
            if (!caller.SpeaksFor(request.Tenant.Value))
            {
                problems.Add(ProblemCatalog.TenantForbidden.At(
                    $"{at}/tenant", $"the token does not speak for '{request.Tenant}'"));
            }

            if (!caller.IsConfined) continue;
            if (request.Residency.Count == 0 || !request.Residency.All(each => caller.Reaches(loop.Fleet, each)))
            {
                problems.Add(ProblemCatalog.JurisdictionForbidden.At(
                    $"{at}/residency", "must name jurisdictions within those that the token is confined to"));
            }
        }

        return problems.Any ? new ProblemAnswer(problems.Problems) : null;
    }

    private ProblemAnswer? LimitOf(RequestReading reading)
    {
        foreach (var ofTenant in reading.Asked.CountBy(asked => asked.Request.Tenant))
        {
            if (rates.Take(ofTenant.Key.Value, ofTenant.Value) is not { } wait) continue;
            return new ProblemAnswer([ProblemCatalog.RateLimited.At("", $"tenant {ofTenant.Key} asks too often")])
            {
                RetryAfter = wait,
            };
        }

        return null;
    }

    private static Place PlaceOf(Asked asked, string key) =>
        new(asked.Request, asked.Hold, key, RequestHash.Of(asked.Request, asked.Hold), asked.Explain);
}
