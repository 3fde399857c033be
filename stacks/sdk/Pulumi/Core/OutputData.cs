namespace Pulumi;

/// <summary>
/// Holds what is known of one output: its value, whether that is known and secret, and whom it depends on.
/// </summary>
internal readonly record struct OutputData<T>(
    ImmutableHashSet<Resource> Resources, T Value, bool IsKnown, bool IsSecret)
{
    public static readonly ImmutableHashSet<Resource> NoResources = ImmutableHashSet<Resource>.Empty;

    public OutputData<object?> Untyped => new(Resources, Value, IsKnown, IsSecret);

    /// <summary>The same facts about another value; what is not known has none.</summary>
    public OutputData<TOther> With<TOther>(TOther value) =>
        new(Resources, IsKnown ? value : default!, IsKnown, IsSecret);

    /// <summary>What both together say: unknown or secret as soon as one is, depending on both.</summary>
    public OutputData<TOther> Join<TOther>(OutputData<TOther> other) =>
        new(Resources.Union(other.Resources), other.Value, IsKnown && other.IsKnown, IsSecret || other.IsSecret);
}
