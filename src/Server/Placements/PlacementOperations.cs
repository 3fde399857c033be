using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Placements;

/// <summary>Declares the operations on placements.</summary>
internal static class PlacementOperations
{
    private const string Tag = "Placements";

    public static QueryParameter Tenant { get; } = new("tenant", "Only what is this tenant's.") { IsName = true };

    public static ApiAnswer Refused { get; } =
        new(StatusCodes.Status200OK, typeof(PlacementAnswer), "refused, with the reasons");

    public static ApiOperation Place { get; } = new("createPlacement", Tag, "Ask for a place, bound at once")
    {
        IsRated = true,
        Needs = Permission.PlacementsWrite,
        Description = "The answer is durable when it is given. A refusal is an answer too: 200 with outcome refused, "
            + "the reasons, and the smallest permitted change that would be granted. The same Idempotency-Key with the "
            + "same request gives the same answer again.",
        Body = new(typeof(PlacementBody), RequestLimits.BodyBytes,
            [
                RequestExamples.Health, RequestExamples.Gang, RequestExamples.Batch, RequestExamples.Spread,
                RequestExamples.Full,
            ]),
        IsKeyed = true,
        Answers =
        [
            new(StatusCodes.Status201Created, typeof(PlacementAnswer), "bound")
            {
                Header = ("Location", "Path of the placement."),
            },
            Refused,
        ],
        Problems = [.. ApiProblems.OfRequests, .. ApiProblems.OfKeys, .. ApiProblems.OfChanges],
    };

    public static ApiOperation Plan { get; } = new(
        "planPlacement", Tag, "Ask what would be decided, and change nothing")
    {
        IsRated = true,
        Needs = Permission.PlacementsPlan,
        Query =
        [
            new QueryParameter(
                "as_of", "Day to judge by (UTC), such as 2027-01-31, with what runs today; now when left out.")
            {
                IsDay = true,
            },
        ],
        Body = new(typeof(PlacementBody), RequestLimits.BodyBytes, [RequestExamples.Health]),
        Answers = [new(StatusCodes.Status200OK, typeof(PlacementAnswer), "planned or refused")],
        Problems = [.. ApiProblems.OfRequests, .. ApiProblems.OfChanges],
    };

    public static ApiOperation Batch { get; } = new("createPlacements", Tag, "Ask for up to 1,000 places")
    {
        IsRated = true,
        Needs = Permission.PlacementsWrite,
        Description = "Requests are decided in order and each for itself. The key of request number n, counted from 0, "
            + "is the Idempotency-Key, a slash and n. When the call fails, repeat it with the same key: what was "
            + "decided stays decided. With more than that, send application/x-ndjson: one request a line, up to a "
            + "million lines; line n is answered by line n, with its decision or with the problem document of what is "
            + "wrong with it, while the rest is still coming.",
        Streams = "One request a line; the answer has one line for each, in order: a decision, or a problem document.",
        Body = new(typeof(BatchBody), RequestLimits.BatchBodyBytes, [RequestExamples.Many]),
        IsKeyed = true,
        Answers = [new(StatusCodes.Status200OK, typeof(BatchAnswer), "one answer for each request, in order")],
        Problems = [.. ApiProblems.OfRequests, .. ApiProblems.OfKeys, .. ApiProblems.OfChanges],
    };

    public static ApiOperation List { get; } = new("listPlacements", Tag, "List placements and holds, ordered by id")
    {
        Needs = Permission.PlacementsRead,
        Query =
        [
            Tenant,
            new("state", "Only what is in this state; left out, what runs or is held.")
            {
                Choices = ["bound", "held", "preempted"],
            },
            new("site", "Only what has a unit at this site.") { IsName = true },
            new("region", "Only what has a unit in this region.") { IsName = true },
            QueryParameter.PageSize,
            QueryParameter.PageToken,
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(PlacementPage), "one page")],
        Problems = [.. ApiProblems.OfListings, ProblemCatalog.ValueUnknown, ProblemCatalog.NameFormat],
    };

    public static ApiOperation Show { get; } = new("getPlacement", Tag, "Show a placement as it is now")
    {
        Needs = Permission.PlacementsRead,
        PathId = PathIdForm.Uuid,
        Query = [Tenant],
        Answers =
        [
            new(StatusCodes.Status200OK, typeof(PlacementView), "the placement")
            {
                Header = ("ETag", "Its epoch in quotes."),
            },
        ],
        Problems = [.. ApiProblems.OfIds, ProblemCatalog.NameFormat, ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation Release { get; } = new("deletePlacement", Tag, "Give a placement or hold back")
    {
        Needs = Permission.PlacementsWrite,
        Description = "Deleting what is gone answers 404, which tells a client that repeats itself that it is done.",
        PathId = PathIdForm.Uuid,
        Query = [Tenant],
        TakesIfMatch = true,
        Answers = [new(StatusCodes.Status204NoContent, null, "its room is free")],
        Problems =
        [
            .. ApiProblems.OfIds, ProblemCatalog.NameFormat, ProblemCatalog.HeaderFormat,
            ProblemCatalog.VersionConflict, .. ApiProblems.OfChanges,
        ],
    };
}
