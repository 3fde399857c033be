using System.Globalization;

namespace ControlPlane.Regions.Stacks;

/// <summary>
/// Divides a block of 65,536 addresses: 8,192 for the nodes of each zone from the start on, 1,024 for each pool with
/// kept capacity from the middle on, 256 for the address translation of each zone at the end.
/// </summary>
internal sealed class AddressBlocks(string block)
{
    /// <summary>Most zones that a cluster is spread over.</summary>
    public const int MostZones = 3;

    /// <summary>Most pools of a cluster that may have a block of their own.</summary>
    public const int MostOwnBlocks = 24;

    private readonly string prefix = block[..block.IndexOf(".0.0/16", StringComparison.Ordinal)];

    public string Nodes(int zone) => Part(zone * 32, 19);

    public string Own(int pool) => Part(128 + (pool * 4), 22);

    public string Egress(int zone) => Part(224 + zone, 24);

    private string Part(int third, int bits) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix}.{third}.0/{bits}");
}
