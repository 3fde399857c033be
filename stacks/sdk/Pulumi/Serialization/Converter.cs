using System.Reflection;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Enum = System.Enum;
using Type = System.Type;

namespace Pulumi.Serialization;

/// <summary>Fits plain values from the engine into the types that a program declares.</summary>
internal sealed class Converter(Action<string> warn)
{
    private const BindingFlags Constructors = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;

    public OutputData<T> Convert<T>(string context, Value value)
    {
        var data = Convert(context, value, typeof(T));
        return new(data.Resources, data.Value is T fitting ? fitting : default!, data.IsKnown, data.IsSecret);
    }

    public OutputData<object?> Convert(string context, Value value, Type target)
    {
        var data = Deserializer.Deserialize(value);
        return data with { Value = Fit(context, data.Value, target) };
    }

    /// <summary>What does not fit is told and comes out as nothing.</summary>
    private object? Fit(string context, object? value, Type target)
    {
        var (result, problem) = TryFit(context, value, target);
        if (problem is not null)
        {
            warn(problem);
        }
        return result ?? (target.IsValueType ? Activator.CreateInstance(target) : null);
    }

    private (object? Value, string? Problem) TryFit(string context, object? value, Type target)
    {
        if (Nullable.GetUnderlyingType(target) is { } underlying)
        {
            return value is null ? (null, null) : TryFit(context, value, underlying);
        }
        if (value is null)
        {
            return (target.IsValueType ? Activator.CreateInstance(target) : null, null);
        }
        if (target == typeof(object))
        {
            return (value, null);
        }
        if (target == typeof(int))
        {
            return value is double number ? ((int)number, null) : Wrong(context, value, typeof(double));
        }
        if (target == typeof(JsonElement))
        {
            return (JsonText.Element(value), null);
        }
        if (target.IsEnum)
        {
            var (number, problem) = TryFit(context, value, target.GetEnumUnderlyingType());
            return number is null ? (null, problem) : (Enum.ToObject(target, number), null);
        }
        if (target.IsConstructedGenericType)
        {
            return TryFitGeneric(context, value, target);
        }
        if (target.GetCustomAttribute<EnumTypeAttribute>() is not null)
        {
            return TryFitEnumeration(context, value, target);
        }
        if (target.GetCustomAttribute<OutputTypeAttribute>() is not null)
        {
            return TryFitObject(context, value, target);
        }
        return target.IsInstanceOfType(value) ? (value, null) : Wrong(context, value, target);
    }

    private (object? Value, string? Problem) TryFitGeneric(string context, object value, Type target)
    {
        var shape = target.GetGenericTypeDefinition();
        if (shape == typeof(Union<,>))
        {
            return TryFitUnion(context, value, target);
        }
        if (shape == typeof(Output<>))
        {
            var inner = target.GenericTypeArguments[0];
            var create = typeof(Output).GetMethods().Single(method => method.Name == nameof(Output.Create)
                && !method.GetParameters()[0].ParameterType.IsGenericType);
            return (create.MakeGenericMethod(inner).Invoke(null, [Fit(context, value, inner)]), null);
        }
        if (shape == typeof(ImmutableArray<>))
        {
            return value is ImmutableArray<object?> list
                ? (Array(context, list, target.GenericTypeArguments[0]), null)
                : Wrong(context, value, typeof(ImmutableArray<object>));
        }
        if (shape == typeof(ImmutableDictionary<,>) && target.GenericTypeArguments[0] == typeof(string))
        {
            return value is ImmutableDictionary<string, object?> map
                ? (Dictionary(context, map, target.GenericTypeArguments[1]), null)
                : Wrong(context, value, typeof(ImmutableDictionary<string, object>));
        }
        throw new InvalidOperationException(
            $"Unexpected generic target type {target.FullName} when deserializing {context}");
    }

    private (object? Value, string? Problem) TryFitUnion(string context, object value, Type target)
    {
        for (var index = 0; index < 2; index++)
        {
            var (fitting, problem) = TryFit($"{context}.AsT{index}", value, target.GenericTypeArguments[index]);
            if (problem is null)
            {
                return (target.GetMethod($"FromT{index}")!.Invoke(null, [fitting]), null);
            }
        }
        var names = string.Join(" or ", target.GenericTypeArguments.Select(type => type.FullName));
        return (null, $"Expected {names} but got {value.GetType().FullName} deserializing {context}");
    }

    private static (object? Value, string? Problem) TryFitEnumeration(string context, object value, Type target)
    {
        if (value is not (string or double))
        {
            return (null, $"Expected {typeof(string).FullName} or {typeof(double).FullName} "
                + $"but got {value.GetType().FullName} deserializing {context}");
        }
        return target.GetConstructor(Constructors, [value.GetType()]) is { } constructor
            ? (constructor.Invoke([value]), null)
            : (null, $"Expected target type {target.FullName} to have a constructor "
                + $"with a single {value.GetType().FullName} parameter.");
    }

    private (object? Value, string? Problem) TryFitObject(string context, object value, Type target)
    {
        var constructor = target.GetConstructors(Constructors)
            .SingleOrDefault(candidate => candidate.GetCustomAttribute<OutputConstructorAttribute>() is not null);
        if (constructor is null)
        {
            return (null, $"Expected target type {target.FullName} to have "
                + $"[{nameof(OutputConstructorAttribute)}] constructor when deserializing {context}");
        }
        if (value is not ImmutableDictionary<string, object?> map)
        {
            return Wrong(context, value, typeof(ImmutableDictionary<string, object>));
        }
        var arguments = constructor.GetParameters().Select(parameter => Fit(
            $"{target.FullName}({parameter.Name})",
            map.GetValueOrDefault(
                parameter.GetCustomAttribute<OutputConstructorParameterAttribute>()?.Name ?? parameter.Name!),
            parameter.ParameterType));
        return (constructor.Invoke([.. arguments]), null);
    }

    private object Array(string context, ImmutableArray<object?> list, Type element)
    {
        var items = System.Array.CreateInstance(element, list.Length);
        for (var i = 0; i < list.Length; i++)
        {
            items.SetValue(Fit(context, list[i], element), i);
        }
        return typeof(Converter).GetMethod(nameof(ToArray), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(element).Invoke(null, [items])!;
    }

    private object Dictionary(string context, ImmutableDictionary<string, object?> map, Type element)
    {
        var items = map.Select(entry => KeyValuePair.Create(entry.Key, Fit(context, entry.Value, element)));
        return typeof(Converter).GetMethod(nameof(ToDictionary), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(element).Invoke(null, [items])!;
    }

    private static ImmutableArray<T> ToArray<T>(T[] items) => [.. items];

    private static ImmutableDictionary<string, T> ToDictionary<T>(IEnumerable<KeyValuePair<string, object?>> items) =>
        items.ToImmutableDictionary(item => item.Key, item => (T)item.Value!);

    private static (object? Value, string? Problem) Wrong(string context, object value, Type expected) =>
        (null, $"Expected {expected.FullName} but got {value.GetType().FullName} deserializing {context}");
}
