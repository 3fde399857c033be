using ControlPlane.Ledger;
using ControlPlane.Server.Database;
using ControlPlane.Server.Failover;
using ControlPlane.Server.Placements;
using Command = ControlPlane.Server.Placements.Command;

namespace ControlPlane.Server.Ledger;

/// <summary>A batch that was decided on the working world, and who waits for it.</summary>
/// <param name="Commands">What was asked.</param>
/// <param name="Answer">Takes one answer for each command, in order.</param>
/// <param name="Run">What it appends, and what it answers if that lands.</param>
internal sealed record DraftedBatch(List<Command> Commands, Action<Answer[]> Answer, BatchRun Run)
{
    /// <summary>The state before it.</summary>
    public required LedgerMark Start { get; init; }

    /// <summary>Day it was decided on.</summary>
    public required DateOnly Day { get; init; }

    public bool PlacesOrReads { get; } = ArePlacesOrReads(Commands);

    /// <summary>Whether commands ask for places, and beside them at most for what the state alone tells.</summary>
    public static bool ArePlacesOrReads(List<Command> commands) =>
        commands.TrueForAll(command => command is Place or PlanOnly or CountKnown or AskOrders)
        && commands.Exists(command => command is Place);
}

/// <summary>A batch that is being written, and how that goes.</summary>
internal sealed record BatchInFlight(DraftedBatch Batch, Task<CommitAnswer> Commit);
