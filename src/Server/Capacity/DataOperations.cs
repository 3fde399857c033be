using System.ComponentModel;
using ControlPlane.Capacity.Gravity;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Capacity;

/// <summary>Declares the operation on data: where it is, what moving it costs, which copies would help.</summary>
internal static class DataOperations
{
    public static ApiOperation Plan { get; } = new(
        "planData", "Capacity", "Price moving work against moving its data, and propose standby copies")
    {
        Needs = Permission.CapacityRead,
        IsOfWholeFleet = true,
        Description =
            "For each workload that reads datasets, running or refused lately: the places where it may lawfully run "
            + "with them, what would have to move over which links, how long that takes and what it costs. The "
            + "proposed copies are the cheapest by which promised recovery times hold after the loss of any region or "
            + "provider. Each copy is judged by the law where it would be kept; data passes no place where it may "
            + "not be. Nothing changes.",
        Query =
        [
            new("link_share", "Hundredths of every link that data may take.")
            {
                Whole = (1, 100), Default = DataTerms.Usual.LinkSharePercent,
            },
            new("site_gigabits", "Gigabits per second between sites of one region that no declared link joins.")
            {
                Whole = (1, 100_000), Default = DataTerms.Usual.SiteGigabitsPerSecond,
            },
            new("run_hours", "Hours for which work then runs, priced beside the move.")
            {
                Whole = (0, 87_600), Default = DataTerms.Usual.RunHours,
            },
            new("months", "Months for which a standby copy is paid.")
            {
                Whole = (0, 120), Default = DataTerms.Usual.CopyMonths,
            },
            new("within_hours", "Hours in which a move should end; a cheaper way that takes longer is not taken.")
            {
                Whole = (1, 8_760), Default = (int)DataTerms.Usual.Within.TotalHours,
            },
            new("waiting_hours", "Hours for which a request that was refused for want of room counts as waiting.")
            {
                Whole = (0, 720), Default = CapacityOperations.UsualWaitingHours,
            },
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(DataPlanAnswer), "the plan")],
        Problems = [ProblemCatalog.OutOfRange, ProblemCatalog.StoreUnavailable],
    };
}

/// <summary>Shows where data is, what moving it costs, and which copies would help.</summary>
internal sealed record DataPlanAnswer
{
    public required DateTimeOffset AsOf { get; init; }

    [Description("Ledger position of the state.")]
    public required long Position { get; init; }

    public required IReadOnlyList<DatasetAnswer> Datasets { get; init; }
    public required IReadOnlyList<WorkloadGravityAnswer> Workloads { get; init; }

    [Description("Copies that would make promises hold.")]
    public required IReadOnlyList<StandbyCopyAnswer> StandbyCopies { get; init; }

    [Description("Price of all of them over the months that were asked for.")]
    public required decimal StandbyUsd { get; init; }

    [Description("False when the search for a cheaper set of copies was cut short.")]
    public required bool StandbyIsCheapest { get; init; }

    [Description("Promises that where data is breaks today.")]
    public required IReadOnlyList<PromiseAnswer> Promises { get; init; }
}

/// <summary>Shows a dataset and its copies.</summary>
internal sealed record DatasetAnswer
{
    public required string Dataset { get; init; }
    public required string Tenant { get; init; }
    public required string DataClass { get; init; }
    public string? Origin { get; init; }
    public required decimal SizeGib { get; init; }
    public required decimal ChangeGibPerDay { get; init; }

    [Description("The home first.")]
    public required IReadOnlyList<CopyAnswer> Copies { get; init; }

    [Description("Active sites at which it may be kept.")]
    public required int LawfulSites { get; init; }
}

/// <summary>Shows one copy of a dataset.</summary>
internal sealed record CopyAnswer(
    string Site, bool IsHome, bool IsLawful,
    [property: Description("What the law says against it; left out when it may be there.")] string? Because);

/// <summary>Shows where a workload may run with its data.</summary>
internal sealed record WorkloadGravityAnswer
{
    [Description("Left out for a request that waits.")]
    public Guid? Id { get; init; }

    public required string Tenant { get; init; }
    public required string Workload { get; init; }
    public required IReadOnlyList<string> Datasets { get; init; }

    [Description("Site of most of its units; left out for a request that waits.")]
    public string? Site { get; init; }

    [Description("At most 20: with room first, then cheapest.")]
    public required IReadOnlyList<GravityOptionAnswer> Options { get; init; }
}

/// <summary>Shows one place for a workload and what would move.</summary>
internal sealed record GravityOptionAnswer
{
    public required string Site { get; init; }
    public required string NodePool { get; init; }

    [AllowedText("nothing", "work", "data", "both")]
    public required string Moves { get; init; }

    public required decimal Gib { get; init; }
    public required long Bytes { get; init; }

    [Description("Of all moves, one after the other.")]
    public required long Seconds { get; init; }

    public required decimal MoveUsd { get; init; }
    public required decimal RunUsdPerHour { get; init; }
    public required decimal TotalUsd { get; init; }
    public required bool HasRoom { get; init; }
    public required IReadOnlyList<DataMoveAnswer> Over { get; init; }
}

/// <summary>Shows one move over links; without a dataset it is the state of the work.</summary>
internal sealed record DataMoveAnswer(
    string? Dataset, IReadOnlyList<string> Sites, decimal GigabitsPerSecond, decimal Gib, long Seconds, decimal Usd);

/// <summary>Shows a copy that should be made.</summary>
internal sealed record StandbyCopyAnswer(
    string Dataset, string Site, string Cluster, IReadOnlyList<string> Sites, long FirstSeconds, decimal FirstUsd,
    decimal UsdPerMonth, decimal TotalUsd);

/// <summary>Shows a promised recovery time that does not hold today.</summary>
internal sealed record PromiseAnswer
{
    public required Guid Id { get; init; }
    public required string Tenant { get; init; }
    public required string Workload { get; init; }
    public required string Scenario { get; init; }
    public required long PromisedSeconds { get; init; }

    [Description("Left out when it cannot come back at all.")]
    public long? TodaySeconds { get; init; }

    [Description("With the proposed copies; left out when even then it cannot come back.")]
    public long? WithCopiesSeconds { get; init; }

    public required bool KeptWithCopies { get; init; }
}
