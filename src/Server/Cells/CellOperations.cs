using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Cells;

/// <summary>Declares the operations on cells.</summary>
internal static class CellOperations
{
    public const long Most = 100_000_000;

    private const string Tag = "Cells";

    public static ApiOperation Show { get; } = new("getCell", Tag, "Show which cell this is and what it holds")
    {
        Needs = Permission.FleetRead,
        Answers = [new(StatusCodes.Status200OK, typeof(CellAnswer), "the cell")],
        Problems = [ProblemCatalog.NotFound],
    };

    public static ApiOperation List { get; } = new(
        "listCells", Tag, "List the cells of the directory with their numbers")
    {
        Needs = Permission.FleetRead,
        Description = "From what the server heard last: nothing is asked of the directory or of a cell. With a "
            + "model or a number, only cells and sites that have so much.",
        Query =
        [
            new("sku", "Model of the catalogue, or cpu for nodes without accelerators.") { IsName = true },
            new("free", "How many must be free at one site.") { Whole = (0, Most), Default = 0 },
            new("largest", "How many must be free on one node.") { Whole = (0, Most), Default = 0 },
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(CellListAnswer), "the cells")],
        Problems = [ProblemCatalog.NotFound, ProblemCatalog.OutOfRange, ProblemCatalog.NameFormat],
    };

    public static ApiOperation Report { get; } = new("showCellReport", Tag, "Show exactly what would leave the cell")
    {
        Needs = Permission.CapacityRead,
        Answers = [new(StatusCodes.Status200OK, typeof(CellMessageAnswer), "the message")],
        Problems = [ProblemCatalog.NotFound, ProblemCatalog.StoreUnavailable, ProblemCatalog.Busy],
    };

    public static ApiOperation Push { get; } = new("pushCellReport", Tag, "Tell the directory the numbers now")
    {
        Needs = Permission.SitesOperate,
        Description = "It is told by itself every few seconds; this is for trying out. May be repeated.",
        Answers = [new(StatusCodes.Status200OK, typeof(ExchangeAnswer), "what it came to")],
        Problems =
            [ProblemCatalog.NotFound, ProblemCatalog.NoDirectory, ProblemCatalog.DirectoryUnavailable],
    };
}
