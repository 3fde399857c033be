using System.Numerics;

namespace ControlPlane.Inventory;

/// <summary>
/// Keeps which nodes of a pool changed last, so that whoever remembers something of every node looks again at those
/// only. Changes are counted as the pool counts them; whoever has missed more than are kept looks at all.
/// </summary>
internal sealed class NodeLog(int nodes)
{
    private readonly int[] last = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, nodes / 2))];

    public void Add(int change, int ordinal) => last[change & (last.Length - 1)] = ordinal;

    /// <summary>Whether all changes between two counts are kept.</summary>
    public bool Has(int from, int to) => unchecked((uint)(to - from)) <= last.Length;

    /// <summary>The node of a change.</summary>
    public int At(int change) => last[change & (last.Length - 1)];
}
