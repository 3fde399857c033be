using System.Reflection;

namespace Pulumi.Serialization;

/// <summary>Fills one output of a resource when the engine has answered.</summary>
internal interface IOutputCompletion
{
    Type TargetType { get; }

    void Set(OutputData<object?> data);

    /// <summary>Ends the output without a value, unless it has one.</summary>
    void End(bool isKnown);

    void Fail(Exception error);
}

/// <summary>Gives a new resource its outputs, each to be filled later.</summary>
internal static class OutputCompletion
{
    private const BindingFlags Members = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;

    public static ImmutableDictionary<string, IOutputCompletion> Begin(Resource resource)
    {
        var completions = ImmutableDictionary.CreateBuilder<string, IOutputCompletion>();
        foreach (var property in resource.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetCustomAttribute<OutputAttribute>() is not { } mark)
            {
                continue;
            }
            var type = property.PropertyType;
            if (!type.IsConstructedGenericType || type.GetGenericTypeDefinition() != typeof(Output<>))
            {
                throw RunException.OutputsHaveIncorrectType([mark.Name ?? property.Name]);
            }
            var completion = (IOutputCompletion)Activator.CreateInstance(
                typeof(OutputCompletion<>).MakeGenericType(type.GenericTypeArguments), resource)!;
            var set = property.DeclaringType!.GetProperty(property.Name, Members)?.GetSetMethod(nonPublic: true)
                ?? throw new InvalidOperationException(
                    $"[Output] {resource.GetType().FullName}.{property.Name} did not have a 'set' method");
            set.Invoke(resource, [completion.GetType().GetProperty("Output")!.GetValue(completion)]);
            completions.Add(mark.Name ?? property.Name, completion);
        }
        return completions.ToImmutable();
    }
}

/// <summary>Fills one output of a known type; it depends on the resource it belongs to.</summary>
internal sealed class OutputCompletion<T> : IOutputCompletion
{
    private readonly ImmutableHashSet<Resource> owner;
    private readonly TaskCompletionSource<OutputData<T>> source = new(
        TaskCreationOptions.RunContinuationsAsynchronously);

    public OutputCompletion(Resource resource)
    {
        owner = [resource];
        Output = new(source.Task);
    }

    public Output<T> Output { get; }

    public Type TargetType => typeof(T);

    public void Set(OutputData<object?> data) => source.TrySetResult(new(
        owner.Union(data.Resources), data.Value is T value ? value : default!, data.IsKnown, data.IsSecret));

    public void End(bool isKnown) => source.TrySetResult(new(owner, default!, isKnown, IsSecret: false));

    public void Fail(Exception error) => source.TrySetException(error);
}
