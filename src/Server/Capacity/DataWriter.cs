using ControlPlane.Capacity.Gravity;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Capacity;

/// <summary>Writes plans for data as clients read them.</summary>
internal static class DataWriter
{
    private const decimal BytesPerGib = 1_073_741_824m;

    public static DataPlanAnswer Of(DataPlan plan) => new()
    {
        AsOf = plan.AsOf,
        Position = plan.Position,
        Datasets = [.. plan.Datasets.Select(Of)],
        Workloads = [.. plan.Workloads.Select(Of)],
        StandbyCopies = [.. plan.Standby.Copies.Select(Of)],
        StandbyUsd = Usd(plan.Standby.Usd),
        StandbyIsCheapest = plan.Standby.IsCheapest,
        Promises = [.. plan.Standby.Promises.Select(Of)],
    };

    private static DatasetAnswer Of(DatasetPlaces places) => new()
    {
        Dataset = places.Dataset.Dataset.Value,
        Tenant = places.Dataset.Tenant.Value,
        DataClass = places.Dataset.DataClass.Value,
        Origin = places.Dataset.Origin?.Value,
        SizeGib = places.Dataset.SizeGib,
        ChangeGibPerDay = places.Dataset.ChangeGibPerDay,
        Copies = [.. places.Copies.Select(copy => new CopyAnswer(
            copy.Site.Value, copy.IsHome, copy.WhyUnlawful is null, copy.WhyUnlawful))],
        LawfulSites = places.LawfulSites,
    };

    private static WorkloadGravityAnswer Of(WorkloadGravity workload) => new()
    {
        Id = workload.Id?.Value,
        Tenant = workload.Request.Tenant.Value,
        Workload = workload.Request.Workload,
        Datasets = [.. workload.Request.Datasets.Select(id => id.Value)],
        Site = workload.Site?.Value,
        Options = [.. workload.Options.Select(Of)],
    };

    private static GravityOptionAnswer Of(GravityOption option) => new()
    {
        Site = option.Site.Value,
        NodePool = option.Pool.Value,
        Moves = Names.Of(option.Kind),
        Gib = Math.Round(option.Gib, 3),
        Bytes = (long)(option.Gib * BytesPerGib),
        Seconds = (long)option.Time.TotalSeconds,
        MoveUsd = Usd(option.MoveUsd),
        RunUsdPerHour = Usd(option.RunUsdPerHour),
        TotalUsd = Usd(option.TotalUsd),
        HasRoom = option.HasRoom,
        Over = [.. option.Moves.Select(move => new DataMoveAnswer(
            move.Dataset?.Value, Texts(move.Route.Sites), move.Route.GigabitsPerSecond, Math.Round(move.Gib, 3),
            (long)move.Time.TotalSeconds, Usd(move.Usd)))],
    };

    private static StandbyCopyAnswer Of(StandbyCopy copy) => new(
        copy.Dataset.Value, copy.Site.Value, copy.Cluster.Value, Texts(copy.Route.Sites),
        (long)copy.FirstTime.TotalSeconds, Usd(copy.FirstUsd), Usd(copy.UsdPerMonth), Usd(copy.TotalUsd));

    private static PromiseAnswer Of(PromiseAtRisk promise) => new()
    {
        Id = promise.Id.Value,
        Tenant = promise.Tenant.Value,
        Workload = promise.Workload,
        Scenario = promise.Scenario,
        PromisedSeconds = (long)promise.Promised.TotalSeconds,
        TodaySeconds = (long?)promise.Best?.TotalSeconds,
        WithCopiesSeconds = (long?)promise.WithCopies?.TotalSeconds,
        KeptWithCopies = promise.IsKept,
    };

    private static IReadOnlyList<string> Texts(Seq<SiteId> sites) => [.. sites.Select(site => site.Value)];

    private static decimal Usd(decimal amount) => Math.Round(amount, 2);
}
