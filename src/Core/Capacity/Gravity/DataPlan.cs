using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity.Gravity;

/// <summary>
/// Says where data is and may be, what moving it costs beside moving the work, and which copies would help.
/// </summary>
public sealed record DataPlan
{
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Ledger position of the state.</summary>
    public required long Position { get; init; }

    public required DataTerms Terms { get; init; }

    /// <summary>Ordered by dataset.</summary>
    public required Seq<DatasetPlaces> Datasets { get; init; }

    /// <summary>Workloads that read datasets, ordered by tenant and name; those that wait come last.</summary>
    public required Seq<WorkloadGravity> Workloads { get; init; }

    public required StandbyPlan Standby { get; init; }
}

/// <summary>Where a dataset is kept, and at how many sites it might be.</summary>
public sealed record DatasetPlaces(DatasetSpec Dataset, Seq<CopyPlace> Copies, int LawfulSites);

/// <summary>One copy of a dataset.</summary>
/// <param name="WhyUnlawful">What the law says against it; null when it may be there.</param>
public sealed record CopyPlace(SiteId Site, bool IsHome, string? WhyUnlawful);

/// <summary>A workload that reads datasets, and the places it may lawfully run at with their data.</summary>
/// <param name="Id">Null for one that waits.</param>
/// <param name="Site">Site of most of its units now; null for one that waits.</param>
/// <param name="Options">With room first, then cheapest.</param>
public sealed record WorkloadGravity(
    DecisionId? Id, PlacementRequest Request, SiteId? Site, Seq<GravityOption> Options);

/// <summary>What has to move so that a workload runs at a place.</summary>
public enum GravityKind
{
    /// <summary>It runs there, and its data is there.</summary>
    Nothing,

    /// <summary>The data is there; the work comes.</summary>
    Work,

    /// <summary>The work is there, or waits; the data comes.</summary>
    Data,

    /// <summary>Neither is there.</summary>
    Both,
}

/// <summary>One place for a workload: what would move, how long it takes and what it costs.</summary>
/// <param name="Moves">The work's own state first, under no dataset, then each dataset that is not there.</param>
/// <param name="Time">Of all moves, one after the other.</param>
/// <param name="RunUsdPerHour">Price of running there.</param>
/// <param name="TotalUsd">Moves, and running for the hours of the terms.</param>
/// <param name="HasRoom">Whether nodes and power of the pool would hold it now.</param>
public sealed record GravityOption(
    NodePoolId Pool, SiteId Site, GravityKind Kind, Seq<DataMove> Moves, TimeSpan Time, decimal RunUsdPerHour,
    decimal TotalUsd, bool HasRoom)
{
    public decimal Gib => Moves.Sum(move => move.Gib);

    public decimal MoveUsd => Moves.Sum(move => move.Usd);
}

/// <summary>One move of data over links.</summary>
public sealed record DataMove(DatasetId? Dataset, DataRoute Route, decimal Gib, TimeSpan Time, decimal Usd);

/// <summary>Copies that would make promises hold, the cheapest set that does.</summary>
/// <param name="IsCheapest">Whether no cheaper set was left out; false when the search was cut short.</param>
public sealed record StandbyPlan(Seq<StandbyCopy> Copies, Seq<PromiseAtRisk> Promises, bool IsCheapest)
{
    public decimal Usd => Copies.Sum(copy => copy.TotalUsd);
}

/// <summary>A lawful copy to be made.</summary>
/// <param name="Cluster">A cluster of the site beside which the law lets the data be kept.</param>
/// <param name="FirstTime">Until it is whole.</param>
public sealed record StandbyCopy(
    DatasetId Dataset, SiteId Site, ClusterId Cluster, DataRoute Route, TimeSpan FirstTime, decimal FirstUsd,
    decimal UsdPerMonth, decimal TotalUsd);

/// <summary>A promised recovery time that does not hold today because of where data is.</summary>
/// <param name="Best">Shortest time to come back today; null when it cannot.</param>
/// <param name="WithCopies">The same with the proposed copies; null when even then it cannot.</param>
public sealed record PromiseAtRisk(
    DecisionId Id, TenantId Tenant, string Workload, string Scenario, TimeSpan Promised, TimeSpan? Best,
    TimeSpan? WithCopies)
{
    public bool IsKept => WithCopies <= Promised;
}
