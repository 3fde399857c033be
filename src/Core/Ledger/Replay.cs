using ControlPlane.Capacity;
using ControlPlane.Placements;

namespace ControlPlane.Ledger;

/// <summary>Decides a recorded decision once more, on the world it was decided on, and compares the bytes.</summary>
public static class Replay
{
    /// <summary>Version of the decision engine; raised whenever the same arguments may give another decision.</summary>
    public const int EngineVersion = 1;

    /// <param name="before">The state just before the record.</param>
    /// <param name="record">A record that holds a <see cref="PlacementDecided"/>.</param>
    public static ReplayResult Of(LedgerState before, LedgerRecord record)
    {
        var decided = (PlacementDecided)record.Event;
        if (decided.EngineVersion != EngineVersion) return new ReplayImpossible(decided.EngineVersion);
        var explanation = Admission.Explain(before.World, before.Law, decided.Request, record.At);
        var recorded = DecisionCodec.ToBytes(decided.Decision);
        var replayed = DecisionCodec.ToBytes(explanation.Decision);
        return recorded.AsSpan().SequenceEqual(replayed)
            ? new ReplaySame(explanation)
            : new ReplayDiffers(decided.Decision, explanation);
    }
}

/// <summary>What a replay gave.</summary>
public abstract record ReplayResult;

/// <summary>The same bytes, and now with the reasons.</summary>
public sealed record ReplaySame(Explanation Explanation) : ReplayResult;

/// <summary>Another decision than the one recorded: the record or the engine is not what it was.</summary>
public sealed record ReplayDiffers(PlacementDecision Recorded, Explanation Explanation) : ReplayResult;

/// <summary>The records that led to the world of then were let go.</summary>
public sealed record ReplayRetired : ReplayResult;

/// <summary>The decision was made by an engine of another version.</summary>
public sealed record ReplayImpossible(int RecordedEngineVersion) : ReplayResult;
