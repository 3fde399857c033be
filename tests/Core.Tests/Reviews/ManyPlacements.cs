using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Reviews;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Reviews;

/// <summary>Very many placements on declared regions, and a change of policies that touches a third of them.</summary>
internal sealed class ManyPlacements(Fleet fleet, PolicySet policies)
{
    private static readonly DateTimeOffset AsOf = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public ReviewSide Before => new(fleet, policies);

    /// <summary>Health data may stay in Germany only.</summary>
    public ReviewSide After => new(fleet, policies with
    {
        Digest = "narrowed",
        Policies = policies.Policies.Select(policy => policy.Id.Value != "eu-health-data" ? policy : policy with
        {
            Rules = policy.Rules.Select(rule =>
                rule is ResidencyRule residency ? residency with { Allow = [new("DE")] } : rule).ToSeq(),
        }).ToSeq(),
    });

    /// <summary>Small tasks of many tenants, spread over all pools.</summary>
    public ReviewQuestion Question(int placements)
    {
        var pools = fleet.Pools.Where(pool => pool.Site.Spec.Status == SiteStatus.Active && pool.Nodes > 0).ToList();
        string[] classes = ["health", "public", "government"];
        return new ReviewQuestion(fleet, Enumerable.Range(0, placements).Select(index =>
        {
            var pool = pools[index % pools.Count];
            return new Placement
            {
                Id = new DecisionId(new Guid(index + 1, 0, 0, new byte[8])),
                Request = new PlacementRequest
                {
                    Tenant = new($"tenant-{index % 97}"), Workload = $"task-{index}", Kind = WorkloadKind.Batch,
                    DataClass = new(classes[index / 7 % classes.Length]), Units = 1,
                    Unit = new UnitNeed { CpuMilli = 10, MemoryMib = 1 },
                },
                State = PlacementState.Bound,
                Epoch = 1,
                Units = [new UnitBinding(new NodeId(pool.Id, index / pools.Count % pool.Nodes), 0, 0)],
                DecidedAt = AsOf.AddDays(-1),
            };
        }).ToSeq(), AsOf);
    }

    /// <summary>So many of the placements, evenly taken.</summary>
    public static ReviewQuestion Sample(ReviewQuestion question, int asked)
    {
        var step = question.Running.Count / asked;
        return question with { Running = question.Running.Where((_, index) => index % step == 0).ToSeq() };
    }
}
