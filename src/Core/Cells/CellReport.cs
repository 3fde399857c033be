using System.Text.Json;
using ControlPlane.Failover;
using ControlPlane.Inventory;

namespace ControlPlane.Cells;

/// <summary>
/// Everything a cell tells the directory: codes that stand in the public catalogue, words of closed lists, and
/// numbers. There is no field that could hold anything else.
/// </summary>
public sealed record CellReport
{
    /// <summary>Version of this form.</summary>
    public const int NewestForm = 1;

    public required int Form { get; init; }

    public required CellId Cell { get; init; }

    /// <summary>Ordered by id.</summary>
    public required Seq<CellSite> Sites { get; init; }

    /// <summary>The one way to write it; bytes that are written otherwise are no report.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, AgentJson.Options);
}

/// <summary>Tells of one site how it is and how much is left, in whole kilowatts and accelerators.</summary>
public sealed record CellSite
{
    public required RegionId Region { get; init; }

    public required SiteId Site { get; init; }

    public required SiteHealth Health { get; init; }

    /// <summary>Whether new work may go there.</summary>
    public required bool Open { get; init; }

    public required long ContractKilowatts { get; init; }

    public required long FreeKilowatts { get; init; }

    /// <summary>What holds on the day, in the order of the list.</summary>
    public required Seq<LawFact> Law { get; init; }

    /// <summary>Ordered by model.</summary>
    public required Seq<CellSku> Skus { get; init; }
}

/// <summary>Counts the accelerators of one model at one site; of nodes without, the nodes.</summary>
public sealed record CellSku
{
    /// <summary>Stands for nodes without accelerators.</summary>
    public static readonly SkuId Cpu = new("cpu");

    public required SkuId Sku { get; init; }

    public required long Installed { get; init; }

    public required long Free { get; init; }

    /// <summary>Most that are free on one node.</summary>
    public required long Largest { get; init; }
}

/// <summary>Facts of law that a site has as a whole, told by word so that nothing has to be told in text.</summary>
public enum LawFact
{
    /// <summary>Everyone who controls its clusters has a seat in the jurisdiction of the region.</summary>
    OwnControl,

    /// <summary>Keys lie outside the reach of the provider.</summary>
    OutsideKeys,

    /// <summary>Everyone with privileged access resides in the jurisdiction of the region.</summary>
    ResidentStaff,
}
