namespace ControlPlane.Workloads;

/// <summary>Finds the row of a placement by its id: numbers of rows in slots, the next free one taken.</summary>
internal sealed class RowIndex
{
    private const int LeastSlots = 64;

    // A slot holds the number of a row, counted from 1.
    private int[] slots = new int[LeastSlots];
    private int count;

    /// <summary>The row with an id; -1 when there is none.</summary>
    public int Find(Guid id, Column<PlacementColumns.Row> rows)
    {
        for (var slot = SlotOf(id); slots[slot] != 0; slot = Next(slot))
        {
            if (rows[slots[slot] - 1].Id == id) return slots[slot] - 1;
        }

        return -1;
    }

    /// <summary>Adds a row that is in the column already.</summary>
    public void Add(int row, Column<PlacementColumns.Row> rows)
    {
        if ((count + 1) * 4L > slots.Length * 3L) Grow((int)Math.Min(int.MaxValue, slots.Length * 3L / 2), rows);
        Put(row, rows[row].Id);
        count++;
    }

    /// <summary>Makes room, so that adding so many rows does not grow it.</summary>
    public void Expect(int rowsToCome)
    {
        if (count == 0) slots = new int[Math.Max(LeastSlots, (int)(rowsToCome * 4L / 3) + 1)];
    }

    public void Remove(int row, Column<PlacementColumns.Row> rows)
    {
        var gap = SlotWith(row, rows);
        count--;
        // Rows further on that could stand in the gap move up, so that a search never ends too soon.
        for (var slot = Next(gap); slots[slot] != 0; slot = Next(slot))
        {
            var wanted = SlotOf(rows[slots[slot] - 1].Id);
            var stays = gap <= slot ? gap < wanted && wanted <= slot : gap < wanted || wanted <= slot;
            if (stays) continue;
            slots[gap] = slots[slot];
            gap = slot;
        }

        slots[gap] = 0;
    }

    /// <summary>Says that what stands in a row is about to stand in another.</summary>
    public void Move(int from, int to, Column<PlacementColumns.Row> rows) => slots[SlotWith(from, rows)] = to + 1;

    public RowIndex Copy() => new() { slots = [.. slots], count = count };

    private int SlotWith(int row, Column<PlacementColumns.Row> rows)
    {
        var slot = SlotOf(rows[row].Id);
        while (slots[slot] != row + 1) slot = Next(slot);
        return slot;
    }

    private void Grow(int length, Column<PlacementColumns.Row> rows)
    {
        var before = slots;
        slots = new int[length];
        foreach (var held in before)
        {
            if (held != 0) Put(held - 1, rows[held - 1].Id);
        }
    }

    private void Put(int row, Guid id)
    {
        var slot = SlotOf(id);
        while (slots[slot] != 0) slot = Next(slot);
        slots[slot] = row + 1;
    }

    // Ids that were made one after the other differ in few bits, so the bits are mixed.
    private int SlotOf(Guid id) =>
        (int)(((uint)((ulong)id.GetHashCode() * 0x9E3779B97F4A7C15UL >> 32) * (ulong)slots.Length) >> 32);

    private int Next(int slot) => slot + 1 == slots.Length ? 0 : slot + 1;
}
