using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Placements;

/// <summary>
/// Says how the values of the domain are spelt in JSON; renaming a member of an enum changes nothing here.
/// </summary>
internal static class WireNames
{
    public static IReadOnlyList<KeyValuePair<string, WorkloadKind>> WorkloadKinds { get; } =
    [
        new("service", WorkloadKind.Service), new("batch", WorkloadKind.Batch), new("gang", WorkloadKind.Gang),
    ];

    public static IReadOnlyList<KeyValuePair<string, SpreadDomain>> SpreadDomains { get; } =
    [
        new("site", SpreadDomain.Site), new("region", SpreadDomain.Region),
    ];

    public static IReadOnlyList<KeyValuePair<string, DependencyScope>> DependencyScopes { get; } =
    [
        new("site", DependencyScope.Site), new("region", DependencyScope.Region),
    ];

    public static IReadOnlyList<KeyValuePair<string, IsolationLevel>> IsolationLevels { get; } =
    [
        new("shared", IsolationLevel.Shared), new("dedicatedNode", IsolationLevel.DedicatedNode),
        new("dedicatedSite", IsolationLevel.DedicatedSite),
    ];

    public static IReadOnlyList<KeyValuePair<string, RunClass>> RunClasses { get; } =
    [
        new("exclusive", RunClass.Exclusive), new("sticky", RunClass.Sticky),
    ];

    public static IReadOnlyList<KeyValuePair<string, FabricKind>> Fabrics { get; } =
    [
        new("ethernet", FabricKind.Ethernet), new("roce", FabricKind.Roce), new("infiniband", FabricKind.Infiniband),
        new("nvlink", FabricKind.Nvlink), new("scaleUp", FabricKind.ScaleUp),
    ];

    public static IReadOnlyList<KeyValuePair<string, SchedulerKind>> Schedulers { get; } =
    [
        new("kubernetes", SchedulerKind.Kubernetes), new("slurm", SchedulerKind.Slurm),
        new("simulated", SchedulerKind.Simulated),
    ];

    public static IReadOnlyList<KeyValuePair<string, SiteStatus>> SiteStatuses { get; } =
    [
        new("active", SiteStatus.Active), new("building", SiteStatus.Building), new("announced", SiteStatus.Announced),
    ];

    public static IReadOnlyList<KeyValuePair<string, VerdictKind>> VerdictKinds { get; } =
    [
        new("law", VerdictKind.Law), new("health", VerdictKind.Health), new("capacity", VerdictKind.Capacity),
        new("preference", VerdictKind.Preference),
    ];

    public static IReadOnlyList<KeyValuePair<string, VerdictResult>> VerdictResults { get; } =
    [
        new("allowed", VerdictResult.Allowed), new("advised", VerdictResult.Advised),
        new("denied", VerdictResult.Denied),
        new("waived", VerdictResult.Waived),
    ];

    public static string Of<T>(IReadOnlyList<KeyValuePair<string, T>> names, T value) where T : struct, Enum =>
        names.First(name => EqualityComparer<T>.Default.Equals(name.Value, value)).Key;
}
