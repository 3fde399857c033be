namespace ControlPlane.Server.Hosting;

/// <summary>Names what can be wrong between cells and their directory.</summary>
internal static partial class ProblemCatalog
{
    public static ProblemKind CellUnknown { get; } = new("cell-unknown", 401, "The sender is no cell of the directory",
        "The directory takes messages that are signed with a key that its file names for the cell, within five minutes "
        + "of its own clock.");

    public static ProblemKind CellChanged { get; } = new("cell-changed", 409, "The ledger is another cell's",
        "A ledger stays with the cell that it began with. Start the server with that cell, or with another database.");

    public static ProblemKind NoDirectory { get; } = new("no-directory", 409, "The server tells no directory",
        "It was started without --directory, or it is no cell. Every decision is made without one.");

    public static ProblemKind ReportOutdated { get; } = new("report-outdated", 409, "The report is not newer",
        "The directory has one of the same moment or later. Numbers that were overtaken are of no use.");

    public static ProblemKind ReportRefused { get; } = new("report-refused", 422, "The report holds what it may not",
        "Each error names a place and not what stands there. Texts must be codes of the public catalogue, numbers "
        + "within their bounds, and the bytes those that the form gives.");

    public static ProblemKind DirectoryUnavailable { get; } = new("directory-unavailable", 503,
        "The directory cannot be told", "Nothing here depends on it; it is told again by itself.");

    internal static IEnumerable<ProblemKind> OfCells =>
        [CellUnknown, CellChanged, NoDirectory, ReportOutdated, ReportRefused, DirectoryUnavailable];
}
