using System.Numerics;
using ControlPlane.Inventory;

namespace ControlPlane.Placements.Packing;

/// <summary>
/// Puts work where another rule would, but keeps the last accelerators that nobody uses for work that takes whole ones
/// and so leaves nothing idle on them: once few are left, a share finds room only beside other shares, else it waits.
/// </summary>
internal sealed class SparingRule : PackingRule
{
    /// <summary>Of a hundred accelerators, how many are kept once no more are wholly free.</summary>
    public const int KeptPercent = 25;

    private readonly PackingRule among;

    /// <param name="among">Decides among the places that are allowed.</param>
    /// <param name="isKeeping">Whether few accelerators are left.</param>
    public SparingRule(PackingRule among, bool isKeeping = false)
    {
        this.among = among;
        IsKeeping = isKeeping;
    }

    public override string Name => "sparing";

    public bool IsKeeping { get; }

    /// <summary>Whether so few are wholly free that they are to be kept.</summary>
    public static bool MustKeep(long wholeFree, PackingNodes nodes) =>
        wholeFree * NodeColumns.WholeMilli * 100 < nodes.InstalledMilli * KeptPercent;

    /// <summary>The same rule when few accelerators are left.</summary>
    public SparingRule Keeping() => new(among, isKeeping: true);

    public override int Cost(PackingNodes nodes, int node, in PackingKind kind) =>
        IsKeeping && kind.ShareMilli > 0 && Opens(nodes, node, kind) ? NoRoom : among.Cost(nodes, node, kind);

    public override ulong Choose(PackingNodes nodes, int node, in PackingKind kind) =>
        among.Choose(nodes, node, kind);

    private bool Opens(PackingNodes nodes, int node, in PackingKind kind)
    {
        var device = BitOperations.TrailingZeroCount(among.Choose(nodes, node, kind));
        return nodes.Devices(node)[device] == NodeColumns.WholeMilli;
    }
}
