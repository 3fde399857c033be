using System.Reflection;
using Pulumi.Serialization;

namespace Pulumi;

/// <summary>Holds what is sent under the names its members are marked with.</summary>
public abstract class InputArgs
{
    private const BindingFlags Members = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;
    private readonly ImmutableArray<Member> members;

    protected InputArgs()
    {
        var type = GetType();
        members =
        [
            .. type.GetFields(Members)
                .Select(field => Member.From(type, field, field.FieldType, field.GetValue)).OfType<Member>(),
            .. type.GetProperties(Members)
                .Select(property => Member.From(type, property, property.PropertyType, property.GetValue))
                .OfType<Member>(),
        ];
        foreach (var member in members)
        {
            ValidateMember(member.Type, member.FullName);
        }
    }

    private protected abstract void ValidateMember(Type memberType, string fullName);

    internal virtual Task<ImmutableDictionary<string, object?>> ToDictionaryAsync()
    {
        var values = ImmutableDictionary.CreateBuilder<string, object?>();
        foreach (var member in members)
        {
            var value = member.Get(this);
            if (value is null && member.Mark.IsRequired)
            {
                throw new ArgumentNullException(
                    member.Name, $"{member.FullName} is required but was not given a value");
            }
            values.Add(member.Mark.Name, member.Mark.Json ? JsonText.Of(member.FullName, value) : value);
        }
        return Task.FromResult(values.ToImmutable());
    }

    private sealed record Member(InputAttribute Mark, string Name, string FullName, Type Type)
    {
        public required Func<object, object?> Get { get; init; }

        public static Member? From(Type owner, MemberInfo member, Type type, Func<object, object?> get) =>
            member.GetCustomAttribute<InputAttribute>() is { } mark
                ? new(mark, member.Name, $"[Input] {owner.FullName}.{member.Name}", type) { Get = get }
                : null;
    }
}

/// <summary>Holds the arguments of a resource.</summary>
public abstract class ResourceArgs : InputArgs
{
    public static readonly ResourceArgs Empty = new EmptyResourceArgs();

    private protected override void ValidateMember(Type memberType, string fullName)
    {
        // Members may be inputs or plain values.
    }

    private sealed class EmptyResourceArgs : ResourceArgs;
}

/// <summary>Holds the arguments of a function of a provider.</summary>
public abstract class InvokeArgs : InputArgs
{
    public static readonly InvokeArgs Empty = new EmptyInvokeArgs();

    private protected override void ValidateMember(Type memberType, string fullName)
    {
        // Members may be inputs or plain values.
    }

    private sealed class EmptyInvokeArgs : InvokeArgs;
}

/// <summary>Holds arguments of a resource whose names are known only at run time.</summary>
public sealed class DictionaryResourceArgs(ImmutableDictionary<string, object?> dictionary) : ResourceArgs
{
    internal override Task<ImmutableDictionary<string, object?>> ToDictionaryAsync() => Task.FromResult(dictionary);
}

/// <summary>Holds arguments of a function whose names are known only at run time.</summary>
public sealed class DictionaryInvokeArgs(ImmutableDictionary<string, object?> dictionary) : InvokeArgs
{
    internal override Task<ImmutableDictionary<string, object?>> ToDictionaryAsync() => Task.FromResult(dictionary);
}
