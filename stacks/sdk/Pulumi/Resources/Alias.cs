using Wire = ControlPlane.Rpc;

namespace Pulumi;

/// <summary>Says what a resource was called before; what is left out is as it is now.</summary>
public sealed class Alias
{
    /// <summary>The whole former URN; nothing else may stand beside it.</summary>
    public string? Urn { get; set; }

    public Input<string>? Name { get; set; }

    public Input<string>? Type { get; set; }

    public Input<string>? Stack { get; set; }

    public Input<string>? Project { get; set; }

    public Resource? Parent { get; set; }

    public Input<string>? ParentUrn { get; set; }

    /// <summary>True when the resource had no parent but the stack.</summary>
    public bool NoParent { get; set; }

    /// <summary>Throws when the parts contradict each other.</summary>
    internal void Check()
    {
        if (Urn is not null)
        {
            var other = Name is not null ? nameof(Name)
                : Type is not null ? nameof(Type)
                : Project is not null ? nameof(Project)
                : Stack is not null ? nameof(Stack)
                : Parent is not null ? nameof(Parent)
                : ParentUrn is not null ? nameof(ParentUrn)
                : NoParent ? nameof(NoParent)
                : null;
            if (other is not null)
            {
                throw new ArgumentException($"{nameof(Alias)} should not specify both {nameof(Urn)} and {other}");
            }
        }
        if ((Parent is null ? 0 : 1) + (ParentUrn is null ? 0 : 1) + (NoParent ? 1 : 0) > 1)
        {
            throw new ArgumentException(
                $"Only specify one of '{nameof(Parent)}', '{nameof(ParentUrn)}' or '{nameof(NoParent)}' "
                + $"in an {nameof(Alias)}");
        }
    }

    internal async Task<Wire.Alias> SerializeAsync()
    {
        Check();
        if (Urn is not null)
        {
            return new() { Urn = Urn };
        }
        var spec = new Wire.Alias.Types.Spec
        {
            Name = await ValueAsync(Name).ConfigureAwait(false),
            Type = await ValueAsync(Type).ConfigureAwait(false),
            Stack = await ValueAsync(Stack).ConfigureAwait(false),
            Project = await ValueAsync(Project).ConfigureAwait(false),
        };
        var parent = Parent is not null ? await Parent.Urn.GetValueAsync("").ConfigureAwait(false)
            : await ValueAsync(ParentUrn).ConfigureAwait(false);
        if (parent.Length > 0)
        {
            spec.ParentUrn = parent;
        }
        else if (NoParent)
        {
            spec.NoParent = true;
        }
        return new() { Spec = spec };
    }

    private static Task<string> ValueAsync(Input<string>? input) =>
        input is null ? Task.FromResult("") : input.ToOutput().GetValueAsync("");
}
