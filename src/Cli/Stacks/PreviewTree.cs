using System.Text;

namespace ControlPlane.Cli.Stacks;

/// <summary>Writes resources as a tree below the stack, each with its inputs.</summary>
internal sealed class PreviewTree(Seq<PreviewedResource> resources)
{
    private readonly ILookup<string, PreviewedResource> children =
        resources.ToLookup(item => item.Parent, StringComparer.Ordinal);

    public void Write(StringBuilder text)
    {
        var known = resources.Select(item => item.Urn).ToHashSet(StringComparer.Ordinal);
        foreach (var root in resources.Where(item => !known.Contains(item.Parent))) Write(text, root, "");
    }

    private void Write(StringBuilder text, PreviewedResource resource, string indent)
    {
        var note = resource.IsProtected ? " (protected)" : "";
        text.Append($"{indent}{PreviewReport.Named(resource)}{note}\n");
        foreach (var (path, value) in PropertyText.Lines(resource.Inputs))
            text.Append($"{indent}    {path}: {value}\n");
        var below = children[resource.Urn]
            .OrderBy(item => item.Type, StringComparer.Ordinal)
            .ThenBy(item => item.Name, StringComparer.Ordinal);
        foreach (var child in below) Write(text, child, indent + "  ");
    }
}
