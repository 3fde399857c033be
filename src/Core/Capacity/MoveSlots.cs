namespace ControlPlane.Capacity;

/// <summary>The moves that each region takes at once, and when each of them is free again.</summary>
internal sealed class MoveSlots(DrillRates rates)
{
    private readonly Dictionary<RegionId, PriorityQueue<int, TimeSpan>> slots = [];

    /// <summary>Takes the slots that are free first for moves that begin at once; gives when they do.</summary>
    public TimeSpan Take(Seq<(RegionId Region, TimeSpan Duration)> moves)
    {
        var begins = rates.Fence;
        var taken = new List<(PriorityQueue<int, TimeSpan> Of, int Slot, TimeSpan Duration)>();
        foreach (var (region, duration) in moves)
        {
            if (!slots.TryGetValue(region, out var free))
            {
                slots.Add(region, free = new PriorityQueue<int, TimeSpan>());
                for (var slot = 0; slot < rates.MovesAtOnce; slot++) free.Enqueue(slot, rates.Fence);
            }

            // More than there are slots for begin one after the other.
            if (!free.TryDequeue(out var next, out var at))
            {
                Return();
                free.TryDequeue(out next, out at);
            }

            if (at > begins) begins = at;
            taken.Add((free, next, duration));
        }

        Return();
        return begins;

        void Return()
        {
            foreach (var (of, slot, duration) in taken) of.Enqueue(slot, begins + duration);
            taken.Clear();
        }
    }
}
