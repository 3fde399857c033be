using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Gives the first answer again to requests whose key is known. A placement is written out from its record; only
/// reasons have to be found again, by deciding on the world of then.
/// </summary>
internal sealed class RepeatedAnswers(LedgerStore store, DecisionReader reader)
{
    /// <summary>Replaces every <see cref="Repeated"/> by the decision it stands for.</summary>
    public async Task<Answer[]> FillAsync(Answer[] answers, DeclaredFleet current, CancellationToken cancellation)
    {
        var repeated = answers.OfType<Repeated>().ToList();
        if (repeated.Count == 0) return answers;
        var records = await store.ReadAtAsync(repeated.ConvertAll(item => item.Position), cancellation);
        var replays = await reader.ReplayAsync(
            repeated.FindAll(item => NeedsReplay(item, records[item.Position], current))
                .ConvertAll(item => item.Position),
            cancellation);
        return Array.ConvertAll(answers, answer => answer is not Repeated item ? answer
            : replays.TryGetValue(item.Position, out var replay) ? AnswerOf(replay, item)
            : new Decided(records[item.Position], current.Fleet, null));
    }

    private static bool NeedsReplay(Repeated repeated, LedgerRecord record, DeclaredFleet current) =>
        repeated.Explain || !current.HoldsAt(record.Position) || ((PlacementDecided)record.Event).Decision is Refused;

    private static Decided AnswerOf(ReplayedDecision decision, Repeated repeated)
    {
        var refused = ((PlacementDecided)decision.Record.Event).Decision is Refused;
        return new Decided(decision.Record, decision.Fleet, refused || repeated.Explain ? decision.Explanation : null);
    }
}
