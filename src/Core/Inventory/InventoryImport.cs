using System.Globalization;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Inventory;

/// <summary>A number of a region file that is to be what the stack made.</summary>
public sealed record ImportedFigure(NodePoolId Pool, string Field, int Declared, int Made);

/// <summary>A region file that holds what its stack made, and what was changed in it for that.</summary>
/// <param name="Text">The whole file; all that was not changed is as it was, comments included.</param>
/// <param name="Figures">Changed figures in the order of the file.</param>
public sealed record InventoryImport(string Text, Seq<ImportedFigure> Figures)
{
    private const string Slug = "inventory-inconsistent";

    /// <summary>
    /// Brings the numbers of nodes of a region file in line with what its stack made. Anything else that differs is a
    /// contradiction that a person has to settle, and is told instead.
    /// </summary>
    public static Checked<InventoryImport> Plan(SourceFile file, StackOutput output)
    {
        var draft = YamlBinder.Draft<RegionSpec>(file);
        if (draft.Problems.Count > 0) return Checked<InventoryImport>.Invalid(draft.Problems);
        var problems = new List<Problem>();
        var root = draft.Root().Single();
        if (root.Item.Region != output.Region)
            problems.Add(
                root.Problem(
                    "region-unknown", "region", $"is {root.Item.Region}, but the stack is of {output.Region}"));
        var edits = new List<Edit>();
        var clusters = draft.All<ClusterSpec>().ToDictionary(part => part.Item.Cluster);
        foreach (var made in output.Clusters)
        {
            if (clusters.TryGetValue(made.Cluster, out var cluster)) Compare(cluster, made, edits, problems);
            else
                problems.Add(
                    root.Problem("cluster-unknown", "sites", $"hold no cluster {made.Cluster}, which the stack made"));
        }

        if (problems.Count > 0) return Checked<InventoryImport>.Invalid(problems);
        var figures = edits.OrderBy(edit => edit.Place.Line).Select(edit => edit.Figure).ToSeq();
        return Checked<InventoryImport>.Valid(new InventoryImport(Apply(file.Text, edits), figures));
    }

    private static void Compare(
        FilePart<ClusterSpec> cluster, MadeClusterOutput made, List<Edit> edits, List<Problem> problems)
    {
        var spec = cluster.Item;
        if (spec.Provider != made.Provider)
            problems.Add(
                cluster.Problem(
                    Slug, "provider", $"is {spec.Provider}; the stack used {made.Provider}"));
        if (spec.ProviderRegion != made.ProviderRegion)
            problems.Add(
                cluster.Problem(
                    Slug, "providerRegion", $"is {spec.ProviderRegion}; the stack used {made.ProviderRegion}"));
        var pools = cluster.File.All<NodePoolSpec>()
            .Where(part => part.Path.StartsWith(cluster.Path + ".", StringComparison.Ordinal))
            .ToDictionary(part => part.Item.Pool);
        foreach (var item in made.NodePools)
        {
            if (!pools.TryGetValue(item.Pool, out var pool))
            {
                problems.Add(
                    cluster.Problem(
                        Slug, "nodePools", $"hold no pool {item.Pool}, which the stack made"));
                continue;
            }

            var declared = pool.Item;
            if (declared.AcceleratorsPerNode != item.AcceleratorsPerNode)
            {
                var message =
                    $"is {declared.AcceleratorsPerNode}; the stack made nodes with {item.AcceleratorsPerNode}";
                problems.Add(pool.Problem(Slug, "acceleratorsPerNode", message));
            }

            if (declared.Nodes != item.Nodes)
                edits.Add(Changed(pool, "nodes", declared.Nodes, item.Nodes));
            // More nodes than are installed can never be used.
            if (declared.AllocatableNodes is { } usable && usable > item.Nodes)
                edits.Add(Changed(pool, "allocatableNodes", usable, item.Nodes));
        }
    }

    private static Edit Changed(FilePart<NodePoolSpec> pool, string field, int declared, int made) =>
        new(pool.File.Positions.Of(pool.At(field)), new ImportedFigure(pool.Item.Pool, field, declared, made));

    private static string Apply(string text, List<Edit> edits)
    {
        var lines = text.Split('\n');
        foreach (var edit in edits.OrderByDescending(edit => (edit.Place.Line, edit.Place.Column)))
        {
            var line = lines[edit.Place.Line - 1];
            var start = edit.Place.Column - 1;
            var end = start;
            while (end < line.Length && (char.IsAsciiDigit(line[end]) || line[end] is '_')) end++;
            var made = edit.Figure.Made.ToString(CultureInfo.InvariantCulture);
            lines[edit.Place.Line - 1] = line[..start] + made + line[end..];
        }

        return string.Join('\n', lines);
    }

    private sealed record Edit(FilePosition Place, ImportedFigure Figure);
}
