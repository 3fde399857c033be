using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Ledger;

/// <summary>Gives the first answer again to requests whose key is known.</summary>
internal sealed class RepeatedAnswers(DecisionReader reader)
{
    /// <summary>Replaces every <see cref="Repeated"/> by the decision it stands for.</summary>
    public async Task<Answer[]> FillAsync(Answer[] answers, CancellationToken cancellation)
    {
        var repeated = answers.OfType<Repeated>().ToList();
        if (repeated.Count == 0) return answers;
        var decisions = await reader.ReadAsync(repeated.ConvertAll(item => item.Position), cancellation);
        return Array.ConvertAll(answers, answer => answer is Repeated item ? AnswerOf(decisions[item.Position], item) : answer);
    }

    private static Decided AnswerOf(ReplayedDecision decision, Repeated repeated)
    {
        var refused = ((PlacementDecided)decision.Record.Event).Decision is Refused;
        return new Decided(decision.Record, decision.Fleet, refused || repeated.Explain ? decision.Explanation : null);
    }
}
