using System.Globalization;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Inventory;

/// <summary>Compares a region file with what its stack made; collects changes and contradictions.</summary>
internal sealed class ImportDraft(FileDraft<RegionSpec> regions, string text)
{
    private const string Slug = "inventory-inconsistent";

    private readonly string[] lines = text.Split('\n');
    private readonly List<Problem> problems = [];
    private readonly List<ImportedFigure> figures = [];

    public IReadOnlyList<Problem> Problems => problems;

    public Seq<ImportedFigure> Figures => figures.OrderBy(figure => figure.Line).ToSeq();

    public void Compare(StackOutput output)
    {
        var root = regions.Root().Single();
        var (region, jurisdiction) = (root.Item.Region, root.Item.Jurisdiction);
        if (region != output.Region) Report(root, "region", $"is {region}, but the stack is of {output.Region}");
        if (jurisdiction != output.Jurisdiction)
            Report(root, "jurisdiction", $"is {jurisdiction}; the stack was made under {output.Jurisdiction}");
        var clusters = regions.All<ClusterSpec>().ToDictionary(part => part.Item.Cluster);
        foreach (var twice in output.Clusters.GroupBy(made => made.Cluster).Where(group => group.Count() > 1))
            Report(root, "sites", $"hold cluster {twice.Key} once; the stack's outputs name it {twice.Count()} times");
        foreach (var made in output.Clusters)
        {
            if (clusters.TryGetValue(made.Cluster, out var cluster)) Cluster(cluster, made);
            else
                problems.Add(
                    root.Problem("cluster-unknown", "sites", $"hold no cluster {made.Cluster}, which the stack made"));
        }
    }

    /// <summary>The whole file with all changes.</summary>
    public string Text()
    {
        var changed = lines.ToList();
        foreach (var figure in figures.OrderByDescending(figure => figure.Line))
        {
            if (figure.Before is null) changed.Insert(figure.Line, figure.After);
            else changed[figure.Line - 1] = figure.After;
        }

        return string.Join('\n', changed);
    }

    private void Cluster(FilePart<ClusterSpec> cluster, MadeClusterOutput made)
    {
        var spec = cluster.Item;
        var site = regions.All<SiteSpec>().Single(part => IsBelow(cluster.Path, part.Path)).Item.Site;
        if (site != made.Site) Report(cluster, "cluster", $"stands at site {site}; the stack made it at {made.Site}");
        if (spec.Provider != made.Provider)
            Report(cluster, "provider", $"is {spec.Provider}; the stack used {made.Provider}");
        if (spec.ProviderRegion != made.ProviderRegion)
            Report(cluster, "providerRegion", $"is {spec.ProviderRegion}; the stack used {made.ProviderRegion}");
        if (made.KeyId is { } key && key != spec.KeyId) Key(cluster, key);
        var pools = regions.All<NodePoolSpec>()
            .Where(part => IsBelow(part.Path, cluster.Path))
            .ToDictionary(part => part.Item.Pool);
        foreach (var item in made.NodePools)
        {
            if (pools.TryGetValue(item.Pool, out var pool)) Pool(pool, item);
            else Report(cluster, "nodePools", $"hold no pool {item.Pool}, which the stack made");
        }

        foreach (var pool in pools.Values.Where(part => made.NodePools.All(item => item.Pool != part.Item.Pool)))
            Report(pool, "pool", $"is {pool.Item.Pool}, which the stack did not make");
    }

    private void Pool(FilePart<NodePoolSpec> pool, MadePoolOutput made)
    {
        var declared = pool.Item;
        if (declared.AcceleratorsPerNode != made.AcceleratorsPerNode)
            Report(
                pool,
                "acceleratorsPerNode",
                $"is {declared.AcceleratorsPerNode}; the stack made nodes with {made.AcceleratorsPerNode}");
        if (declared.InstanceType is { } type && made.InstanceType is { } other && type != other)
            Report(pool, "instanceType", $"is {type}; the stack made nodes of type {other}");
        if (declared.Nodes != made.Nodes) Number(pool, "nodes", (declared.Nodes, made.Nodes));
        // More nodes than are installed can never be used.
        if (declared.AllocatableNodes is { } usable && usable > made.Nodes)
            Number(pool, "allocatableNodes", (usable, made.Nodes));
    }

    private void Number(FilePart<NodePoolSpec> pool, string field, (int Declared, int Made) nodes)
    {
        var place = regions.Positions.Of(pool.At(field));
        var line = lines[place.Line - 1];
        var start = place.Column - 1;
        var end = start;
        while (end < line.Length && (char.IsAsciiDigit(line[end]) || line[end] is '_')) end++;
        var made = Show(nodes.Made);
        figures.Add(new ImportedFigure(pool.Item.Pool.Value, field, Show(nodes.Declared), made)
        {
            Line = place.Line,
            Before = line,
            After = line[..start] + made + line[end..],
        });
    }

    // The key stands beside the provider's region, in a line of its own.
    private void Key(FilePart<ClusterSpec> cluster, string key)
    {
        var isNew = cluster.Item.KeyId is null;
        var place = regions.Positions.Of(cluster.At(isNew ? "providerRegion" : "keyId"));
        var line = lines[place.Line - 1];
        var name = isNew ? "providerRegion:" : "keyId:";
        if (!line.TrimStart().StartsWith(name, StringComparison.Ordinal))
        {
            Report(
                cluster, "keyId", $"is made, but {name} stands in no line of its own; write keyId: \"{key}\" by hand");
            return;
        }

        var indent = line[..line.IndexOf(name, StringComparison.Ordinal)];
        var end = line.EndsWith('\r') ? "\r" : "";
        figures.Add(new ImportedFigure(cluster.Item.Cluster.Value, "keyId", cluster.Item.KeyId, key)
        {
            Line = place.Line,
            Before = isNew ? null : line,
            After = $"{indent}keyId: \"{key}\"{end}",
        });
    }

    private void Report<T>(FilePart<T> part, string field, string message) where T : class =>
        problems.Add(part.Problem(Slug, field, message));

    private static bool IsBelow(string path, string above) => path.StartsWith(above + ".", StringComparison.Ordinal);

    private static string Show(int number) => number.ToString(CultureInfo.InvariantCulture);
}
