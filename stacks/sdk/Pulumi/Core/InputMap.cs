using System.Collections;

namespace Pulumi;

/// <summary>Takes a map from names whose values, or which as a whole, may be outputs.</summary>
public sealed class InputMap<V>
    : Input<ImmutableDictionary<string, V>>, IEnumerable, IAsyncEnumerable<Input<KeyValuePair<string, V>>>
{
    private Output<ImmutableDictionary<string, Input<V>>> entries;

    public InputMap()
        : this(Output.Create(ImmutableDictionary<string, Input<V>>.Empty))
    {
    }

    private InputMap(Output<ImmutableDictionary<string, Input<V>>> entries)
        : base(Flatten(entries)) => this.entries = entries;

    public Input<V> this[string key]
    {
        set => Add(key, value);
    }

    public static implicit operator InputMap<V>(Dictionary<string, V> values) => new(Output.Create(Widen(values)));

    public static implicit operator InputMap<V>(ImmutableDictionary<string, V> values) =>
        new(Output.Create(Widen(values)));

    public static implicit operator InputMap<V>(Output<Dictionary<string, V>> values) => new(values.Apply(Widen));

    public static implicit operator InputMap<V>(Output<IDictionary<string, V>> values) => new(values.Apply(Widen));

    public static implicit operator InputMap<V>(Output<ImmutableDictionary<string, V>> values) =>
        new(values.Apply(Widen));

    /// <summary>Both maps in one; where they share a name, the second one's value stays.</summary>
    public static InputMap<V> Merge(InputMap<V> first, InputMap<V> second) => new(Output
        .Tuple(first.entries, second.entries)
        .Apply(both => both.Item1.SetItems(both.Item2)));

    public void Add(string key, Input<V> value) => Change(map => map.Add(key, value));

    /// <summary>Adds all entries of another map, so that collection initializers can.</summary>
    public void Add(InputMap<V> values) => AddRange(values);

    public void AddRange(InputMap<V> values)
    {
        entries = Output.Tuple(entries, values.entries).Apply(both => both.Item1.AddRange(both.Item2));
        Flat = Flatten(entries);
    }

    IEnumerator IEnumerable.GetEnumerator() => throw new NotSupportedException(
        $"A {GetType().FullName} cannot be synchronously enumerated. Use {nameof(GetAsyncEnumerator)} instead.");

    public async IAsyncEnumerator<Input<KeyValuePair<string, V>>> GetAsyncEnumerator(
        CancellationToken cancellationToken)
    {
        var values = await Flat.GetValueAsync(ImmutableDictionary<string, V>.Empty).ConfigureAwait(false);
        foreach (var value in values)
        {
            yield return value;
        }
    }

    private protected override IOutput ToSend() => entries;

    private static ImmutableDictionary<string, Input<V>> Widen(IEnumerable<KeyValuePair<string, V>> values) =>
        values is null
            ? ImmutableDictionary<string, Input<V>>.Empty
            : values.ToImmutableDictionary(entry => entry.Key, entry => (Input<V>)entry.Value);

    private static Output<ImmutableDictionary<string, V>> Flatten(
        Output<ImmutableDictionary<string, Input<V>>> entries) =>
        entries.Apply(map => Output
            .All(map.Select(entry => entry.Value.Apply(value => KeyValuePair.Create(entry.Key, value))))
            .Apply(pairs => pairs.ToImmutableDictionary()));

    private void Change(
        Func<ImmutableDictionary<string, Input<V>>, ImmutableDictionary<string, Input<V>>> change)
    {
        entries = entries.Apply(change);
        Flat = Flatten(entries);
    }
}
