using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Ledger;

/// <summary>Declares the operations on decisions and the ledger.</summary>
internal static class LedgerOperations
{
    private const string Decisions = "Decisions";
    private const string Ledger = "Ledger";

    public static ApiOperation Show { get; } = new("getDecision", Decisions, "Show a decision as it was made")
    {
        Needs = Permission.PlacementsRead,
        Description = "Reasons are found by deciding again on the world that was decided on, and must end in the same "
            + "decision.",
        PathId = PathIdForm.Uuid,
        Query = [QueryParameter.Explain],
        Answers = [new(StatusCodes.Status200OK, typeof(PlacementAnswer), "the decision; a refusal with its reasons")],
        Problems = [.. ApiProblems.OfIds, ProblemCatalog.ValueUnknown, ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation Replay { get; } = new(
        "replayDecision", Decisions, "Decide again what was decided, and compare")
    {
        Needs = Permission.PlacementsRead,
        PathId = PathIdForm.Uuid,
        Answers = [new(StatusCodes.Status200OK, typeof(ReplayAnswer), "both digests, and every verdict")],
        Problems = [.. ApiProblems.OfIds, ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation List { get; } = new("listRecords", Ledger, "List the records of the ledger in order")
    {
        Needs = Permission.LedgerRead,
        IsOfWholeFleet = true,
        Description = "Each record is one line of an export, which a verifier checks without a server.",
        Query =
        [
            new("after", "Position behind which to start.") { Whole = (0, long.MaxValue), Default = 0 },
            QueryParameter.PageSize,
            QueryParameter.PageToken,
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(RecordPage), "one page")],
        Problems = ApiProblems.OfListings,
    };

    public static ApiOperation Head { get; } = new("getLedgerHead", Ledger, "Show the newest record of the ledger")
    {
        Needs = Permission.LedgerRead,
        Answers = [new(StatusCodes.Status200OK, typeof(HeadAnswer), "its position and hash")],
        Problems = [ProblemCatalog.StoreUnavailable],
    };
}
