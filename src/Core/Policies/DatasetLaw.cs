using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Policies;

/// <summary>
/// Says where data may be kept. Every copy is judged by itself, at the place it is kept, under the policies on its
/// class: those that hold for work of any kind count. Rules on what runs and on how it runs say nothing about data at
/// rest and are left out.
/// </summary>
public sealed class DatasetLaw
{
    private readonly Fleet fleet;
    private readonly Law places;

    internal DatasetLaw(Fleet fleet, PolicySet policies)
    {
        this.fleet = fleet;
        places = new Law(fleet, policies with
        {
            Policies = policies.Policies
                .Select(policy => policy with { Rules = policy.Rules.Where(IsOfPlaces).ToSeq() }).ToSeq(),
        });
    }

    /// <summary>Pools beside which the data may be kept.</summary>
    public PoolSet MayHold(DatasetSpec dataset, DateTimeOffset asOf) => SubjectsOf(dataset)
        .Select(subject => places.LawfulPools(subject, asOf))
        .Aggregate((sum, next) => sum.And(next));

    /// <summary>Why the data may not be kept beside a pool; null when it may.</summary>
    public Verdict? WhyNot(FleetPool pool, DatasetSpec dataset, DateTimeOffset asOf) => SubjectsOf(dataset)
        .SelectMany(subject => places.Judge(pool, subject, asOf))
        .FirstOrDefault(verdict => verdict.Result == VerdictResult.Denied);

    /// <summary>Pools at which a tenant's work may read a dataset: where the data may be, if it is the tenant's.
    /// </summary>
    internal PoolSet MayRead((DatasetId Dataset, TenantId Tenant) asked, DateTimeOffset asOf) =>
        fleet.FindDataset(asked.Dataset) is { } dataset && dataset.Tenant == asked.Tenant
            ? MayHold(dataset, asOf)
            : PoolSet.None(fleet.Pools.Count);

    /// <summary>What the law says of work of a tenant that would read a dataset at a pool.</summary>
    internal Verdict Judge(FleetPool pool, (DatasetId Dataset, TenantId Tenant) asked, DateTimeOffset asOf)
    {
        var why = fleet.FindDataset(asked.Dataset) is not { } dataset || dataset.Tenant != asked.Tenant
            ? $"{asked.Tenant} has no dataset {asked.Dataset}"
            : WhyNot(pool, dataset, asOf) is { } verdict
                ? $"{asked.Dataset} may not be kept there by {verdict.Rule}: {verdict.Because}"
                : null;
        return new(
            VerdictKind.Law, ReasonCode.Dataset, $"request/datasets/{asked.Dataset}",
            why is null ? VerdictResult.Allowed : VerdictResult.Denied,
            why ?? $"{asked.Dataset} may be kept there");
    }

    private static bool IsOfPlaces(PolicyRule rule) =>
        rule is LawRule and not (ProvenanceRule or LatencyRule or FreshnessRule);

    private static IEnumerable<LawSubject> SubjectsOf(DatasetSpec dataset) => Enum.GetValues<WorkloadKind>()
        .Select(kind => new LawSubject
        {
            Tenant = dataset.Tenant,
            DataClass = dataset.DataClass,
            Kind = kind,
            DataCopies = [],
            DataOrigin = dataset.Origin,
        });
}
