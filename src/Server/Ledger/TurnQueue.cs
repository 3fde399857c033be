using System.Threading.Channels;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// What waits, by whose it is: everybody who has something waiting comes in turn, so that one who has little is not
/// held up by one who has much. One reader takes; all of it and each one's part of it is bounded.
/// </summary>
internal sealed class TurnQueue<T>(int mostWaiting, int mostOfOne)
{
    /// <summary>Taken of one at a time while others wait.</summary>
    public const int MostInTurn = 256;

    private readonly Lock sync = new();
    private readonly Dictionary<QueueOwner, Queue<T>> waitingOf = [];
    private readonly Queue<QueueOwner> turns = [];
    private readonly Channel<bool> arrived = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    private int waiting;
    private bool isComplete;

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (sync) return waiting;
        }
    }

    /// <summary>Adds what there is room for, first ones first, so that a reader finds all or none.</summary>
    /// <returns>How many were added.</returns>
    public int Add(QueueOwner owner, ReadOnlySpan<T> items)
    {
        int added;
        bool isFirst;
        lock (sync)
        {
            if (isComplete) return 0;
            waitingOf.TryGetValue(owner, out var own);
            added = Math.Min(items.Length, Math.Min(mostWaiting - waiting, mostOfOne - (own?.Count ?? 0)));
            if (added <= 0) return 0;
            if (own is null)
            {
                waitingOf.Add(owner, own = new Queue<T>());
                turns.Enqueue(owner);
            }

            foreach (var item in items[..added]) own.Enqueue(item);
            isFirst = waiting == 0;
            waiting += added;
        }

        if (isFirst) arrived.Writer.TryWrite(true);
        return added;
    }

    /// <summary>Takes nothing more in; what waits can still be taken.</summary>
    public void Complete()
    {
        lock (sync) isComplete = true;
        arrived.Writer.TryComplete();
    }

    /// <summary>Waits until something is there; false when nothing is and nothing will be.</summary>
    public async ValueTask<bool> WaitAsync()
    {
        while (true)
        {
            lock (sync)
            {
                if (waiting > 0) return true;
                if (isComplete) return false;
            }

            if (await arrived.Reader.WaitToReadAsync(CancellationToken.None)) arrived.Reader.TryRead(out _);
        }
    }

    /// <summary>Takes from everybody in turn; what one has stays in order.</summary>
    public void Take(List<T> into, int most)
    {
        lock (sync)
        {
            var share = turns.Count > 1 ? MostInTurn : most;
            for (var owners = turns.Count; owners > 0 && into.Count < most; owners--)
            {
                var owner = turns.Dequeue();
                var own = waitingOf[owner];
                for (var taken = 0; taken < share && into.Count < most && own.TryDequeue(out var item); taken++)
                {
                    into.Add(item);
                    waiting--;
                }

                if (own.Count > 0) turns.Enqueue(owner);
                else waitingOf.Remove(owner);
            }
        }
    }
}

/// <summary>Whose something is that waits: a tenant's, or of somebody who asks for no tenant.</summary>
internal readonly record struct QueueOwner(bool IsTenant, string Name);
