using System.Reflection;

namespace Pulumi;

/// <summary>Groups other resources under one name.</summary>
public class ComponentResource : Resource
{
    public ComponentResource(string type, string name, ComponentResourceOptions? options = null)
        : this(type, name, ResourceArgs.Empty, options)
    {
    }

    public ComponentResource(
        string type, string name, ResourceArgs? args, ComponentResourceOptions? options = null, bool remote = false)
        : base(new ResourceSpec(type, name, args ?? ResourceArgs.Empty, options ?? new ComponentResourceOptions())
        {
            IsCustom = false,
            IsRemote = remote,
        }) => IsRemote = remote;

    /// <summary>True when a provider makes the children, so that the component itself has to be waited for.</summary>
    internal bool IsRemote { get; }

    /// <summary>
    /// Tells the engine that the component is complete, with the outputs its properties are marked as.
    /// </summary>
    protected void RegisterOutputs() => RegisterOutputs(GetType().GetProperties()
        .Where(property => property.Name != nameof(Urn))
        .Select(property => (Property: property, Mark: property.GetCustomAttribute<OutputAttribute>(inherit: false)))
        .Where(pair => pair.Mark is not null)
        .ToDictionary(
            pair => string.IsNullOrWhiteSpace(pair.Mark!.Name) ? pair.Property.Name : pair.Mark.Name,
            pair => pair.Property.GetValue(this)));

    protected void RegisterOutputs(IDictionary<string, object?> outputs) =>
        RegisterOutputs(Output.Create(outputs ?? throw new ArgumentNullException(nameof(outputs))));

    protected void RegisterOutputs(Task<IDictionary<string, object?>> outputs) =>
        RegisterOutputs(Output.Create(outputs ?? throw new ArgumentNullException(nameof(outputs))));

    protected void RegisterOutputs(Output<IDictionary<string, object?>> outputs) =>
        Deployment.Required.BeginOutputs(this, outputs ?? throw new ArgumentNullException(nameof(outputs)));
}
