using ControlPlane.Workloads;

namespace ControlPlane.Server.Ledger;

/// <summary>When holds run out, soonest first; entries of holds that are gone are skipped.</summary>
internal sealed class DueHolds
{
    private readonly PriorityQueue<DecisionId, DateTimeOffset> queue = new();

    public static DueHolds Of(World world)
    {
        var holds = new DueHolds();
        holds.Refill(world);
        return holds;
    }

    public void Refill(World world)
    {
        queue.Clear();
        foreach (var placement in world.Held)
        {
            if (placement.HoldUntil is { } until) Add(placement.Id, until);
        }
    }

    public void Add(DecisionId id, DateTimeOffset until) => queue.Enqueue(id, until);

    /// <summary>Takes out the holds that have run out, in the order of their end.</summary>
    public IEnumerable<DecisionId> TakeDue(World world, DateTimeOffset now)
    {
        while (queue.TryPeek(out var id, out var until) && until <= now)
        {
            queue.Dequeue();
            if (world.Find(id) is { State: PlacementState.Held } hold && hold.HoldUntil == until) yield return id;
        }
    }
}
