using ControlPlane.Ledger;
using ControlPlane.Policies;
using ControlPlane.Reviews;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Policies;

/// <summary>
/// Works out what policies would do to what runs, on a state of its own that is read from the database: decisions go on
/// meanwhile. Whether they may be in force is judged again, by the decision loop, on the newest state.
/// </summary>
internal sealed class PolicyEffects(StateTurns states)
{
    /// <summary>Moves for which a place is looked for.</summary>
    private const int MostMovesSought = 1_000;

    /// <summary>The effect and the position it was worked out at; null when nothing would be in force anew.</summary>
    public Task<(ChangeEffect Effect, long Position)?> OfAsync(
        ActivatePolicies asked, CancellationToken cancellation) =>
        states.OnStateAsync((state, now) => Task.FromResult(Of(state, asked, now)), cancellation);

    private static (ChangeEffect Effect, long Position)? Of(
        LedgerState state, ActivatePolicies asked, DateTimeOffset now)
    {
        state.ForgetKeys();
        var judged = PolicyActivation.Judge(state, asked with { OnlyJudge = true }, now, PolicyKeys.None);
        if (judged.Answer is not PoliciesJudged { InForce: false, Digest: var digest }) return null;
        var next = state.LawWith(new PoliciesActivated(asked.Files, digest) { Regions = asked.Regions });
        var effect = PolicyDiff.Of(
            ReviewQuestion.Of(state.World, now), new(state.World.Fleet, state.Law.Policies),
            new(state.World.Fleet, next.Policies), MostMovesSought);
        return (effect, state.Position);
    }
}
