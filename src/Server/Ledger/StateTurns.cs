using ControlPlane.Ledger;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Gives work a state of its own, loaded from the ledger, so that the decision loop never waits for it; a few at a
/// time.
/// </summary>
internal sealed class StateTurns(LedgerStore store, TimeProvider time) : IDisposable
{
    /// <summary>States at once; each is a whole world in memory.</summary>
    private const int StatesAtOnce = 2;

    private readonly SemaphoreSlim turns = new(StatesAtOnce);

    public void Dispose() => turns.Dispose();

    /// <summary>Waits for a turn, loads the newest state and works on it.</summary>
    public async Task<T> OnStateAsync<T>(
        Func<LedgerState, DateTimeOffset, Task<T>> work, CancellationToken cancellation)
    {
        await turns.WaitAsync(cancellation);
        try
        {
            var state = await store.LoadAsync(cancellation);
            return await work(state, time.GetUtcNow());
        }
        finally
        {
            turns.Release();
        }
    }
}
