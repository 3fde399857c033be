using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Inventory;

/// <summary>A value of a region file that is to be what the stack made.</summary>
/// <param name="Name">The cluster or pool that it is about.</param>
/// <param name="Field">Field of the cluster or pool.</param>
/// <param name="Declared">The value as it stands; null when it stands nowhere yet.</param>
/// <param name="Made">The value that the stack made.</param>
public sealed record ImportedFigure(string Name, string Field, string? Declared, string Made)
{
    /// <summary>Line of the file as it was, counted from 1; a new line comes after it.</summary>
    public required int Line { get; init; }

    /// <summary>The line as it was; null for a new one.</summary>
    public required string? Before { get; init; }

    /// <summary>The line as it becomes.</summary>
    public required string After { get; init; }
}

/// <summary>A region file that holds what its stack made, and what was changed in it for that.</summary>
/// <param name="Text">The whole file; all that was not changed is as it was, comments included.</param>
/// <param name="Figures">Changed values in the order of the file.</param>
public sealed record InventoryImport(string Text, Seq<ImportedFigure> Figures)
{
    /// <summary>
    /// Brings the numbers of nodes and the keys of a region file in line with what its stack made. Anything else that
    /// differs is a contradiction that a person has to settle, and is told instead.
    /// </summary>
    public static Checked<InventoryImport> Plan(SourceFile file, StackOutput output)
    {
        var regions = YamlBinder.Draft<RegionSpec>(file);
        if (regions.Problems.Count > 0) return Checked<InventoryImport>.Invalid(regions.Problems);
        var draft = new ImportDraft(regions, file.Text);
        draft.Compare(output);
        if (draft.Problems.Count > 0) return Checked<InventoryImport>.Invalid(draft.Problems);
        return Checked<InventoryImport>.Valid(new InventoryImport(draft.Text(), draft.Figures));
    }
}
