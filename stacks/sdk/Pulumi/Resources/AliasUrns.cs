namespace Pulumi;

/// <summary>
/// Works out the former URNs of a resource, also those it has because its parent was called otherwise.
/// </summary>
internal static class AliasUrns
{
    /// <summary>Own aliases, then for each alias of the parent the plain name and each own alias under it.</summary>
    public static ImmutableArray<Output<string>> Of(Resource resource, ResourceOptions options)
    {
        var own = options.Aliases.Select(alias => Collapse(alias, resource, options.Parent)).ToList();
        if (options.Parent is not { } parent)
        {
            return [.. own];
        }
        var parentName = parent.GetResourceName();
        var inherited = parent.Aliases.SelectMany(parentAlias => own
            .Select(urn =>
                urn.Apply(former => Inherit(Parts(former).Name, Parts(former).Type, parentName, parentAlias)))
            .Prepend(Inherit(resource.GetResourceName(), resource.GetResourceType(), parentName, parentAlias)));
        return [.. own, .. inherited];
    }

    private static Output<string> Collapse(Input<Alias> input, Resource resource, Resource? parent) =>
        input.ToOutput().Apply(alias =>
        {
            alias.Check();
            if (alias.Urn is not null)
            {
                return Output.Create(alias.Urn);
            }
            var formerParent = alias.Parent ?? (alias.ParentUrn is null && !alias.NoParent ? parent : null);
            return Urn.Create(
                alias.Name ?? resource.GetResourceName(), alias.Type ?? resource.GetResourceType(),
                formerParent, alias.ParentUrn, alias.Project, alias.Stack);
        });

    /// <summary>A child that is named after its parent was named after the parent's former name.</summary>
    private static Output<string> Inherit(string name, string type, string parentName, Output<string> parentAlias)
    {
        var former = name.StartsWith(parentName, StringComparison.Ordinal)
            ? parentAlias.Apply(urn => Parts(urn).Name + name[parentName.Length..])
            : Output.Create(name);
        return Urn.Create(former, type, parentUrn: parentAlias);
    }

    private static (string Type, string Name) Parts(string urn)
    {
        var parts = urn.Split("::", 4);
        return (parts[2].Split('$')[^1], parts[3]);
    }
}
