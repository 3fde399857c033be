using ControlPlane.Ledger;
using ControlPlane.Regions;
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
    private KnownTexts known = new(Fleet.Empty);

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
        var writer = new CanonicalWriter();
        var places = new List<Place>(reading.Asked.Count);
        foreach (var asked in reading.Asked.Span)
            places.Add(PlaceOf(asked, form == RequestForm.Batch ? $"{key}/{places.Count}" : key, writer));
        return await CheckAsync(reading, places, request.Caller(), cancellation);
    }

    /// <summary>What one line of a stream asks, or why it cannot be decided.</summary>
    public async ValueTask<(IReadOnlyList<Place> Places, ProblemAnswer? Problem)> TakeLineAsync(
        ReadOnlyMemory<byte> line, string key, Caller caller, CancellationToken cancellation)
    {
        var reading = Read(line.Span, RequestForm.Placement);
        return reading.Wrong.Count > 0
            ? ([], new ProblemAnswer(reading.All))
            : await CheckAsync(reading, [PlaceOf(reading.Asked[0], key, new CanonicalWriter())], caller, cancellation);
    }

    private async ValueTask<(IReadOnlyList<Place> Places, ProblemAnswer? Problem)> CheckAsync(
        RequestReading reading, List<Place> places, Caller caller, CancellationToken cancellation)
    {
        if (Forbidden(reading, caller) is { } forbidden) return ([], forbidden);
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
        var (reading, problem) = await RequestBody.ReadAsync(request, limit, bytes => Read(bytes, form), cancellation);
        return (reading ?? new RequestReading([], [], []), problem);
    }

    private RequestReading Read(ReadOnlySpan<byte> bytes, RequestForm form)
    {
        var fleet = loop.Fleet;
        // Two at once may each make one; either will do.
        var texts = known;
        if (!ReferenceEquals(texts.Fleet, fleet)) known = texts = new KnownTexts(fleet);
        var now = clock.GetUtcNow();
        return form switch
        {
            RequestForm.Placement when PlainReader.Placement(bytes, texts) is { } plain =>
                new RequestReading([plain], [], []),
            RequestForm.Batch when PlainReader.Batch(bytes, texts) is { } all =>
                new RequestReading(all.ToSeq(), [], []),
            RequestForm.Placement => RequestReader.Placement(bytes, fleet, now),
            RequestForm.Hold => RequestReader.Hold(bytes, fleet, now),
            _ => RequestReader.Batch(bytes, fleet, now),
        };
    }

    /// <summary>Whether the caller may ask for these tenants and in these jurisdictions.</summary>
    private ProblemAnswer? Forbidden(RequestReading reading, Caller caller)
    {
        if (caller.Tenants is null && !caller.IsConfined) return null;
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
        if (!rates.AreLimited) return null;
        foreach (var ofTenant in reading.Asked.CountBy(asked => asked.Request.Tenant))
        {
            if (rates.Take(ofTenant.Key.Value, ofTenant.Value) is not { } wait) continue;
            return TenantDoor.TooOften(ofTenant.Key.Value, wait);
        }

        return null;
    }

    private Place PlaceOf(Asked asked, string key, CanonicalWriter writer) =>
        new(asked.Request, asked.Hold, key, RequestHash.Of(asked.Request, asked.Hold, writer), asked.Explain)
        {
            By = loop.Actors.Current,
        };
}
