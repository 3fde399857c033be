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
internal sealed class PolicyEffects(LedgerStore store) : IDisposable
{
    /// <summary>Moves for which a place is looked for.</summary>
    private const int MostMovesSought = 1_000;

    // One at a time: a state takes memory and processor time that deciding needs more.
    private readonly SemaphoreSlim oneState = new(1);

    /// <summary>The effect and the position it was worked out at; null when nothing would be in force anew.</summary>
    public async Task<(ChangeEffect Effect, long Position)?> OfAsync(
        ActivatePolicies asked, DateTimeOffset now, CancellationToken cancellation)
    {
        await oneState.WaitAsync(cancellation);
        try
        {
            var state = await store.LoadAsync(cancellation);
            state.ForgetKeys();
            var judged = PolicyActivation.Judge(state, asked with { OnlyJudge = true }, now, PolicyKeys.None);
            if (judged.Answer is not PoliciesJudged { InForce: false, Digest: var digest }) return null;
            var next = state.LawWith(new PoliciesActivated(asked.Files, digest) { Regions = asked.Regions });
            var effect = PolicyDiff.Of(
                ReviewQuestion.Of(state.World, now), new(state.World.Fleet, state.Law.Policies),
                new(state.World.Fleet, next.Policies), MostMovesSought);
            return (effect, state.Position);
        }
        finally
        {
            oneState.Release();
        }
    }

    public void Dispose() => oneState.Dispose();
}
