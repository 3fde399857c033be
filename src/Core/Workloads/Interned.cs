namespace ControlPlane.Workloads;

/// <summary>Numbers values, so that many rows can refer to equal ones, and forgets those that none refers to.</summary>
internal sealed class Interned<T> where T : notnull
{
    private readonly Dictionary<T, int> numbers = [];
    private readonly List<T?> values = [];
    private readonly List<int> uses = [];
    private readonly Stack<int> free = new();

    /// <summary>Values by their numbers; a number that is not in use has none that counts.</summary>
    public IReadOnlyList<T?> Values => values;

    /// <summary>The number of a value, which is used once more.</summary>
    public int Take(T value)
    {
        var number = Reserve(value);
        uses[number]++;
        return number;
    }

    public void TakeAgain(int number) => uses[number]++;

    /// <summary>The number of a value, whether or not it is used.</summary>
    public int Reserve(T value)
    {
        if (numbers.TryGetValue(value, out var number)) return number;
        if (!free.TryPop(out number))
        {
            number = values.Count;
            values.Add(value);
            uses.Add(0);
        }

        values[number] = value;
        numbers.Add(value, number);
        return number;
    }

    /// <summary>A number is used once less.</summary>
    public void Release(int number)
    {
        uses[number]--;
        if (uses[number] > 0 || values[number] is not { } value) return;
        numbers.Remove(value);
        values[number] = default;
        free.Push(number);
    }

    public Interned<T> Copy()
    {
        var copy = new Interned<T>();
        foreach (var (value, number) in numbers) copy.numbers.Add(value, number);
        copy.values.AddRange(values);
        copy.uses.AddRange(uses);
        foreach (var number in free.Reverse()) copy.free.Push(number);
        return copy;
    }
}
