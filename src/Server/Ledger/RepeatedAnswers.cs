using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Gives the first answer again to requests whose key is known. A placement is written out from its record, a refusal
/// with the reasons that were kept; only what is explained, or was placed on another fleet, is decided again on the
/// world of then.
/// </summary>
internal sealed class RepeatedAnswers(RefusalReasons reasons, DecisionReader reader)
{
    /// <summary>Replaces every <see cref="Repeated"/> by the decision it stands for.</summary>
    public async Task<Answer[]> FillAsync(Answer[] answers, DeclaredFleet current, CancellationToken cancellation)
    {
        var repeated = answers.OfType<Repeated>().ToList();
        if (repeated.Count == 0) return answers;
        var kept = await reasons.ReadAsync(
            repeated.FindAll(item => !item.Explain && IsRefused(item.Record))
                .ConvertAll(item => item.Record.Position),
            cancellation);
        var replays = await reader.ReplayAsync(
            repeated.FindAll(item => NeedsReplay(item, current) && !kept.ContainsKey(item.Record.Position))
                .ConvertAll(item => item.Record.Position),
            cancellation);
        return Array.ConvertAll(answers, answer => answer is not Repeated item ? answer
            : replays.TryGetValue(item.Record.Position, out var replay) ? AnswerOf(replay, item)
            : new Decided(item.Record, current.Fleet, null) { Refusal = kept.GetValueOrDefault(item.Record.Position) });
    }

    private static bool NeedsReplay(Repeated repeated, DeclaredFleet current) =>
        repeated.Explain || IsRefused(repeated.Record) || !current.HoldsAt(repeated.Record.Position);

    private static bool IsRefused(LedgerRecord record) => ((PlacementDecided)record.Event).Decision is Refused;

    private Decided AnswerOf(ReplayedDecision decision, Repeated repeated)
    {
        var refused = IsRefused(decision.Record);
        var explanation = refused || repeated.Explain ? decision.Explanation : null;
        return new Decided(decision.Record, decision.Fleet, explanation)
        {
            Refusal = refused && explanation is not null ? reasons.TextOf(explanation) : null,
        };
    }
}
