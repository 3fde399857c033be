using ControlPlane.Cells;
using ControlPlane.Server.Placements;
using Command = ControlPlane.Server.Placements.Command;

namespace ControlPlane.Server.Cells;

/// <summary>Asks for the numbers that the directory is told; changes nothing.</summary>
internal sealed record AskCellReport : Command;

/// <summary>The numbers; null where the server is no cell.</summary>
internal sealed record CellReported(CellReport? Report, long Position) : Answer;
