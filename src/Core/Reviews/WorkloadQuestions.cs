using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Policies;
using ControlPlane.Regions;

namespace ControlPlane.Reviews;

/// <summary>Workloads of which somebody wants to know what the policies say about them, and where.</summary>
public sealed record WorkloadQuestions
{
    [Description("The workloads.")]
    [MinLength(1)]
    [MaxLength(10_000)]
    public required Seq<WorkloadQuestion> Questions { get; init; }
}

/// <summary>One workload, the places it might run at, and the day.</summary>
public sealed record WorkloadQuestion
{
    public required WorkloadFixture Workload { get; init; }

    [Description("Regions, sites, clusters or node pools; all when left out.")]
    [MaxLength(1_000)]
    public Seq<string> At { get; init; }

    [Description("Day it is judged on (UTC); the day of the command when left out.")]
    public DateOnly? AsOf { get; init; }

    /// <summary>What every rule of law says about the workload, pool by pool.</summary>
    /// <param name="law">The policies, applied to the declared regions.</param>
    /// <param name="today">Day on which it is judged that names none.</param>
    public Seq<JudgedPlace> Judge(Law law, DateOnly today)
    {
        // Noon, so that no offset of the reader's own clock moves the day.
        var asOf = new DateTimeOffset((AsOf ?? today).ToDateTime(new TimeOnly(12, 0)), TimeSpan.Zero);
        var (request, fleet) = (Workload.Request(), law.Fleet);
        var subject = LawSubject.Of(request);
        var demands = law.Shape(request, asOf).Verdicts;
        return fleet.Pools.Where(Asked)
            .Select(pool => new JudgedPlace(pool, law.Judge(pool, subject, asOf).Concat(demands).ToSeq()))
            .ToSeq();
    }

    private bool Asked(FleetPool pool) => At.Count == 0
        || At.Contains(pool.Id.Value) || At.Contains(pool.Cluster.Id.Value)
        || At.Contains(pool.Site.Id.Value) || At.Contains(pool.Region.Id.Value);
}

/// <summary>What the policies say about a workload on a pool; whether there is room is another question.</summary>
public sealed record JudgedPlace(FleetPool Pool, Seq<Verdict> Verdicts)
{
    public bool IsLawful => Verdicts.All(verdict => verdict.Result != VerdictResult.Denied);
}
