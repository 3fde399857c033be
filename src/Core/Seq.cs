using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace ControlPlane;

/// <summary>An immutable list that compares by its items, so that records holding one compare by value.</summary>
[CollectionBuilder(typeof(Seq), nameof(Seq.Create))]
public readonly struct Seq<T> : IReadOnlyList<T>, IEquatable<Seq<T>>
{
    private readonly ImmutableArray<T> items;

    internal Seq(ImmutableArray<T> items) => this.items = items;

    public static Seq<T> Empty => default;

    public int Count => items.IsDefault ? 0 : items.Length;

    public T this[int index] => items[index];

    public ReadOnlySpan<T> Span => items.IsDefault ? default : items.AsSpan();

    public bool Equals(Seq<T> other) => Span.SequenceEqual(other.Span, EqualityComparer<T>.Default);

    public override bool Equals(object? obj) => obj is Seq<T> other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var item in Span) hash.Add(item);
        return hash.ToHashCode();
    }

    public static bool operator ==(Seq<T> left, Seq<T> right) => left.Equals(right);

    public static bool operator !=(Seq<T> left, Seq<T> right) => !left.Equals(right);

    public IEnumerator<T> GetEnumerator() =>
        ((IEnumerable<T>)(items.IsDefault ? [] : items)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"[{string.Join(", ", this)}]";
}

/// <summary>Builds <see cref="Seq{T}"/> values.</summary>
public static class Seq
{
    public static Seq<T> Create<T>(ReadOnlySpan<T> items) => new([.. items]);

    public static Seq<T> ToSeq<T>(this IEnumerable<T> items) => new([.. items]);
}
