using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace ControlPlane.Policies;

/// <summary>
/// How much each term of the score weighs when several lawful places have room. Every term lies between 0 and 1,000,
/// lower is better; the score is their weighted sum. Weights are 0 to 100.
/// </summary>
public sealed record Preferences
{
    [Description("Price of the accelerators, against the dearest pool of the fleet.")]
    [Range(0, 100)]
    public required int Price { get; init; }

    [Description("Carbon of the power, against the dirtiest site of the fleet.")]
    [Range(0, 100)]
    public required int Carbon { get; init; }

    [Description("Round-trip time to the home region, against 300 ms.")]
    [Range(0, 100)]
    public required int Latency { get; init; }

    [Description("Nothing in the home region, half in its jurisdiction, all elsewhere.")]
    [Range(0, 100)]
    public required int Home { get; init; }

    [Description("Share of the pool that is free, so that fuller pools are filled first. Where work is expected: what "
        + "stops being of use to it on the best node, 10 for each 120 thousandths of an accelerator, 500 for none; "
        + "units that are spread go by the share.")]
    [Range(0, 100)]
    public required int Packing { get; init; }

    [Description("Share of the request that the site holds already, so that units spread.")]
    [Range(0, 100)]
    public required int Spread { get; init; }

    [Description("Work without accelerators on nodes that have some.")]
    [Range(0, 100)]
    public required int Waste { get; init; }

    [Description("Regions of which each may be lost alone without any work being short of room. A placement that "
        + "breaks this is refused. Left out: nothing is promised, and nothing is looked at.")]
    [MaxLength(16)]
    public Seq<RegionId> SurviveLossOf { get; init; }

    [Description("Work that is expected. Nodes are taken whose rest is then of most use to it: of a pool the best one, "
        + "and between pools by the term packing. Left out: the node with the least left is taken.")]
    [MinLength(1)]
    [MaxLength(64)]
    public Seq<ExpectedWork> ExpectedWork { get; init; }

    public static Preferences Default { get; } = new()
    {
        Price = 30, Carbon = 10, Latency = 20, Home = 20, Packing = 10, Spread = 5, Waste = 40,
    };
}
