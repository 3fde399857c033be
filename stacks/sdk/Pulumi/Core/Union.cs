namespace Pulumi;

/// <summary>Reads a union whose types are not known at compile time.</summary>
internal interface IUnion
{
    object? Value { get; }
}

/// <summary>Holds a value of one of two types.</summary>
public readonly struct Union<T0, T1> : IEquatable<Union<T0, T1>>, IUnion
{
    private readonly T0 first;
    private readonly T1 second;

    private Union(T0 first, T1 second, bool isSecond) => (this.first, this.second, IsT1) = (first, second, isSecond);

    public bool IsT0 => !IsT1;

    public bool IsT1 { get; }

    public T0 AsT0 => IsT0 ? first : throw new InvalidOperationException("Cannot return as T0 as result is T1");

    public T1 AsT1 => IsT1 ? second : throw new InvalidOperationException("Cannot return as T1 as result is T0");

    public object Value => (IsT0 ? first : (object?)second)!;

    object? IUnion.Value => Value;

    public static implicit operator Union<T0, T1>(T0 t) => FromT0(t);

    public static implicit operator Union<T0, T1>(T1 t) => FromT1(t);

    public static bool operator ==(Union<T0, T1> left, Union<T0, T1> right) => left.Equals(right);

    public static bool operator !=(Union<T0, T1> left, Union<T0, T1> right) => !left.Equals(right);

    public static Union<T0, T1> FromT0(T0 input) => new(input, default!, isSecond: false);

    public static Union<T0, T1> FromT1(T1 input) => new(default!, input, isSecond: true);

    public TResult Match<TResult>(Func<T0, TResult> f0, Func<T1, TResult> f1) => IsT0 ? f0(first) : f1(second);

    public void Switch(Action<T0> f0, Action<T1> f1)
    {
        if (IsT0) f0(first);
        else f1(second);
    }

    public Union<TResult, T1> MapT0<TResult>(Func<T0, TResult> mapFunc) =>
        IsT0 ? Union<TResult, T1>.FromT0(mapFunc(first)) : Union<TResult, T1>.FromT1(second);

    public Union<T0, TResult> MapT1<TResult>(Func<T1, TResult> mapFunc) =>
        IsT0 ? Union<T0, TResult>.FromT0(first) : Union<T0, TResult>.FromT1(mapFunc(second));

    public bool TryPickT0(out T0 value, out T1 remainder)
    {
        (value, remainder) = (first, second);
        return IsT0;
    }

    public bool TryPickT1(out T1 value, out T0 remainder)
    {
        (value, remainder) = (second, first);
        return IsT1;
    }

    public bool Equals(Union<T0, T1> other) => IsT1 == other.IsT1 && Equals(Value, other.Value);

    public override bool Equals(object? obj) => obj is Union<T0, T1> union && Equals(union);

    public override int GetHashCode() => HashCode.Combine(IsT1, Value);

    public override string ToString() => $"{Value}";
}
