namespace ControlPlane.Placements.Packing;

/// <summary>
/// Finds units to exchange a unit with: equal in accelerators, smaller in CPU, on nodes with CPU to spare.
/// </summary>
internal sealed class Exchanges(PackingNodes nodes, List<PackedUnit>[] onNode)
{
    /// <summary>Partners tried for each unit.</summary>
    private const int MostPartners = 8;

    private readonly Dictionary<(int Accelerators, int ShareMilli), List<PackedUnit>> bySize = [];

    public IEnumerable<PackedUnit> For(PackedUnit unit)
    {
        if (!unit.Kind.NeedsAccelerator) return [];
        if (bySize.Count == 0) Fill();
        return bySize.GetValueOrDefault((unit.Kind.Accelerators, unit.Kind.ShareMilli), [])
            .TakeWhile(other => other.Kind.CpuMilli < unit.Kind.CpuMilli)
            .Where(other => Fit(unit, other))
            .Take(MostPartners);
    }

    /// <summary>Whether both would have room in the other's place.</summary>
    public bool Fit(in PackedUnit unit, in PackedUnit other)
    {
        var (cpu, memory) = (unit.Kind.CpuMilli - other.Kind.CpuMilli, unit.Kind.MemoryMib - other.Kind.MemoryMib);
        return unit.Node != other.Node
            && nodes.CpuMilli(other.Node) >= cpu && nodes.CpuMilli(unit.Node) >= -cpu
            && nodes.MemoryMib(other.Node) >= memory && nodes.MemoryMib(unit.Node) >= -memory
            && (unit.Kind.Models >> nodes.Model(other.Node) & 1) != 0
            && (other.Kind.Models >> nodes.Model(unit.Node) & 1) != 0;
    }

    /// <summary>Must be called when units have moved.</summary>
    public void Forget() => bySize.Clear();

    private void Fill()
    {
        foreach (var size in onNode.SelectMany(units => units).Where(unit => unit.Kind.NeedsAccelerator)
            .GroupBy(unit => (unit.Kind.Accelerators, unit.Kind.ShareMilli)))
        {
            bySize.Add(
                size.Key,
                [.. size.OrderBy(unit => unit.Kind.CpuMilli).ThenBy(unit => unit.Node).ThenBy(unit => unit.Id)]);
        }
    }
}
