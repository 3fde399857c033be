using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Placements;

/// <summary>Declares the operations on holds.</summary>
internal static class HoldOperations
{
    private const string Tag = "Holds";

    public static ApiOperation Hold { get; } = new("createHold", Tag, "Ask for a place, held for a while")
    {
        IsRated = true,
        Needs = Permission.PlacementsWrite,
        Description = "Decides as POST /v1/placements does. A hold that is neither confirmed nor released runs out.",
        Body = new(typeof(HoldBody), RequestLimits.BodyBytes, [RequestExamples.Hold]),
        IsKeyed = true,
        Answers =
        [
            new(StatusCodes.Status201Created, typeof(PlacementAnswer), "held")
            {
                Header = ("Location", "Path of the hold."),
            },
            PlacementOperations.Refused,
        ],
        Problems = [.. ApiProblems.OfRequests, .. ApiProblems.OfKeys, .. ApiProblems.OfChanges],
    };

    public static ApiOperation Show { get; } = new("getHold", Tag, "Show a hold while it lasts")
    {
        Needs = Permission.PlacementsRead,
        PathId = PathIdForm.Uuid,
        Query = [PlacementOperations.Tenant],
        Answers = [new(StatusCodes.Status200OK, typeof(PlacementView), "the hold")],
        Problems = [.. ApiProblems.OfIds, ProblemCatalog.NameFormat, ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation Confirm { get; } = new("confirmHold", Tag, "Turn a hold into a placement")
    {
        Needs = Permission.PlacementsWrite,
        Description = "Confirming again what is confirmed changes nothing and gives the same answer.",
        PathId = PathIdForm.Uuid,
        Query = [PlacementOperations.Tenant],
        Answers = [new(StatusCodes.Status200OK, typeof(PlacementAnswer), "bound")],
        Problems = [.. ApiProblems.OfIds, ProblemCatalog.NameFormat, .. ApiProblems.OfChanges],
    };

    public static ApiOperation Release { get; } = new("releaseHold", Tag, "Give a hold back")
    {
        Needs = Permission.PlacementsWrite,
        PathId = PathIdForm.Uuid,
        Query = [PlacementOperations.Tenant],
        Answers = [new(StatusCodes.Status204NoContent, null, "its room is free")],
        Problems = [.. ApiProblems.OfIds, ProblemCatalog.NameFormat, .. ApiProblems.OfChanges],
    };
}
