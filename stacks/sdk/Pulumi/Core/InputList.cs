using System.Collections;

namespace Pulumi;

/// <summary>Takes a list whose elements, or which as a whole, may be outputs.</summary>
public sealed class InputList<T> : Input<ImmutableArray<T>>, IEnumerable, IAsyncEnumerable<Input<T>>
{
    private Output<ImmutableArray<Input<T>>> elements;

    public InputList()
        : this(Output.Create(ImmutableArray<Input<T>>.Empty))
    {
    }

    private InputList(Output<ImmutableArray<Input<T>>> elements)
        : base(Flatten(elements)) => this.elements = elements;

    public static implicit operator InputList<T>(T value) => Of([value]);

    public static implicit operator InputList<T>(Output<T> value) => Of([value]);

    public static implicit operator InputList<T>(Input<T> value) => Of([value]);

    public static implicit operator InputList<T>(T[] values) => Of(values.Select(value => (Input<T>)value));

    public static implicit operator InputList<T>(Output<T>[] values) => Of(values.Select(value => (Input<T>)value));

    public static implicit operator InputList<T>(Input<T>[] values) => Of(values);

    public static implicit operator InputList<T>(List<T> values) => Of(values.Select(value => (Input<T>)value));

    public static implicit operator InputList<T>(List<Output<T>> values) =>
        Of(values.Select(value => (Input<T>)value));

    public static implicit operator InputList<T>(List<Input<T>> values) => Of(values);

    public static implicit operator InputList<T>(ImmutableArray<T> values) =>
        Of(values.IsDefault ? [] : values.Select(value => (Input<T>)value));

    public static implicit operator InputList<T>(ImmutableArray<Output<T>> values) =>
        Of(values.Select(value => (Input<T>)value));

    public static implicit operator InputList<T>(ImmutableArray<Input<T>> values) => Of(values);

    public static implicit operator InputList<T>(Output<T[]> values) => From(values.Apply(Widen));

    public static implicit operator InputList<T>(Output<List<T>> values) => From(values.Apply(Widen));

    public static implicit operator InputList<T>(Output<IEnumerable<T>> values) => From(values.Apply(Widen));

    public static implicit operator InputList<T>(Output<ImmutableArray<T>> values) =>
        From(values.Apply(list => list.IsDefault ? [] : Widen(list)));

    public void Add(params Input<T>[] inputs) => Append(inputs);

    /// <summary>Adds all elements of another list, so that collection initializers can.</summary>
    public void Add(InputList<T> inputs) => Append(inputs);

    public void AddRange(InputList<T> inputs) => Append(inputs);

    public InputList<T> Concat(InputList<T> other) => new(Output
        .Tuple(elements, other.elements)
        .Apply(both => both.Item1.AddRange(both.Item2)));

    IEnumerator IEnumerable.GetEnumerator() => throw new NotSupportedException(
        $"A {GetType().FullName} cannot be synchronously enumerated. Use {nameof(GetAsyncEnumerator)} instead.");

    public async IAsyncEnumerator<Input<T>> GetAsyncEnumerator(CancellationToken cancellationToken)
    {
        foreach (var value in await Flat.GetValueAsync(whenUnknown: []).ConfigureAwait(false))
        {
            yield return value;
        }
    }

    internal InputList<T> Clone() => new(elements);

    private protected override IOutput ToSend() => elements;

    private static InputList<T> Of(IEnumerable<Input<T>> values) => new(Output.Create(values.ToImmutableArray()));

    private static InputList<T> From(Output<ImmutableArray<Input<T>>> values) => new(values);

    private static ImmutableArray<Input<T>> Widen(IEnumerable<T> values) =>
        values is null ? [] : [.. values.Select(value => (Input<T>)value)];

    private static Output<ImmutableArray<T>> Flatten(Output<ImmutableArray<Input<T>>> elements) =>
        elements.Apply(list => Output.All<T>(list));

    private void Append(InputList<T> more)
    {
        elements = Concat(more).elements;
        Flat = Flatten(elements);
    }
}
