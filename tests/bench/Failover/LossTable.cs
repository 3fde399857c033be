using System.Diagnostics;
using ControlPlane.Core.Tests.Failover;
using ControlPlane.Failover;
using ControlPlane.Files;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Bench.Failover;

/// <summary>
/// Measures the loss of a site with many workloads: from the look at the leases that shows it, to the plan on disk.
/// </summary>
internal static class LossTable
{
    private const string Assumed = "evidence: { confidence: low, assumed: true }";
    private const int PerNode = 8;
    private const int Tenants = 50;

    private static readonly SiteId Lost = new("lost-a");
    private static readonly DateTimeOffset At = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    public static BenchTable Make(BenchOptions options)
    {
        var workloads = options.Quick ? 2_000 : 200_000;
        var table = new BenchTable(
            "loss", $"The loss of a site with {workloads} workloads", ["what", "measured", "bound"]);
        // The first loss in a process has its code compiled meanwhile.
        var cold = Measure(workloads);
        var warm = Measure(workloads);
        Check(table, warm, workloads);
        table.Add("the look, the plan and the first moves, as records", Text(warm.Decided), "");
        table.Add("the same, on disk", Text(warm.Durable), "5 s");
        table.Add("the same for the first time in the process", Text(cold.Durable), "5 s");
        Compare(table, workloads);
        table.Notes.Add($"{warm.Plan.Moves.Count} moves, {warm.Plan.Stays.Count} stay put; "
            + FormattableString.Invariant($"{warm.Bytes / 1_000_000.0:f1} MB"));
        table.Notes.Add("on disk: written and flushed; in a server it is one row of one transaction");
        table.Notes.Add("one by one: each placement is taken out of the world, decided and put back on its way");
        return table;
    }

    private static Loss Measure(int workloads)
    {
        var state = Start(workloads);
        var question = new RoundQuestion
        {
            Sights =
            [
                .. state.World.Fleet.Sites.Select(site => new SiteSight
                {
                    Lease = new SiteLease
                    {
                        Site = site.Id, Session = new AgentSession(1, "a"), Renewals = 1, IsGuarded = true,
                    },
                    SilentFor = site.Id == Lost ? TimeSpan.FromMinutes(1) : TimeSpan.Zero,
                }),
            ],
            Timeline = 1,
            WatchedFor = TimeSpan.FromHours(1),
            Now = At,
            NewId = () => new Guid(1, 2, 3, new byte[8]),
        };
        var pace = new RoundPace(new LossTerms());
        GC.Collect();
        var (cpu, watch) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
        var outcome = FailoverRound.Run(state, question, pace);
        var decided = (Environment.CpuUsage.TotalTime - cpu, watch.Elapsed);
        var bytes = LedgerBatch.Write(outcome.Records);
        var path = Path.GetTempFileName();
        using (var file = new FileStream(path, FileMode.Create))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Delete(path);
        return new Loss(
            outcome.Records.Select(record => record.Event).OfType<PlanLanded>().Single().Plan,
            decided, (Environment.CpuUsage.TotalTime - cpu, watch.Elapsed), bytes.Length);
    }

    private static void Check(BenchTable table, Loss loss, int workloads)
    {
        var room = 3 * (workloads / PerNode / 4) * PerNode;
        if (loss.Plan.Moves.Count != room) table.Wrong.Add($"{loss.Plan.Moves.Count} moves, there is room for {room}");
        if (loss.Plan.Moves.Count + loss.Plan.Stays.Count != workloads)
            table.Wrong.Add("some are neither moved nor told why not");
    }

    /// <summary>The plan alone, beside the plain way to make it: both lead everything the same way.</summary>
    private static void Compare(BenchTable table, int workloads)
    {
        var state = Start(workloads);
        var condition = new SiteCondition { Site = Lost, Health = SiteHealth.Lost, Since = At, WasGuarded = true };
        state.Append(new SiteChanged(SiteChangeKind.Lost, condition, "bench"), At);
        state.Settle();
        var question = new PlanQuestion
        {
            Id = new Guid(1, 2, 3, new byte[8]), Kind = MoveKind.Failover, Sites = [Lost], AsOf = At,
        };
        var (plan, joint) = Timed(() => FailoverPlanner.Plan(state.World, state.Law, question));
        var (plain, oneByOne) = Timed(() => PlanOneByOne.Plan(state.World, state.Law, question));
        var again = Timed(() => FailoverPlanner.Plan(state.World, state.Law, question));
        if (Digest(plan) != Digest(plain) || Digest(plan) != Digest(again.Plan))
            table.Wrong.Add("the plan is not that of the plain way");
        if (again.Spent.Cpu < joint.Cpu) joint = again.Spent;
        table.Add("the plan alone, jointly", Text(joint), "");
        table.Add("the plan alone, one by one", FormattableString.Invariant(
            $"{Text(oneByOne)}; {oneByOne.Cpu / joint.Cpu:f1} x the processor time"), "");
    }

    private static string Digest(MovePlan plan) => PlanDigest.Of(plan with
    {
        Stays = plan.Stays.Select(stay => new StayPut(stay.Placement, "", "")).ToSeq(),
    });

    private static (MovePlan Plan, (TimeSpan Cpu, TimeSpan Clock) Spent) Timed(Func<MovePlan> make)
    {
        GC.Collect();
        var (cpu, watch) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
        var plan = make();
        return (plan, (Environment.CpuUsage.TotalTime - cpu, watch.Elapsed));
    }

    private static string Text((TimeSpan Cpu, TimeSpan Clock) times) => FormattableString.Invariant(
        $"{times.Cpu.TotalSeconds:f2} s of CPU, {times.Clock.TotalSeconds:f2} s by the clock");

    private static LedgerState Start(int workloads)
    {
        var state = new LedgerState(new FleetReader());
        var nodes = workloads / PerNode;
        state.Append(new FleetDeclared(Files(nodes).ToSeq(), []), At);
        foreach (var site in state.World.Fleet.Sites)
        {
            var condition = new SiteCondition
            {
                Site = site.Id,
                Health = site.Id == Lost ? SiteHealth.Suspect : SiteHealth.Healthy,
                Since = At,
            };
            state.Append(new SiteChanged(SiteChangeKind.Joined, condition, "bench"), At);
        }

        for (var each = 0; each < workloads; each++)
        {
            state.World.Add(PlacementOf(each));
            if (each % 1_000 == 0) state.Settle();
        }

        state.Settle();
        // A server knows what is where: it tells every agent.
        state.World.WorkAt(Lost);
        return state;
    }

    private static Placement PlacementOf(int number) => new()
    {
        Id = new DecisionId(new Guid(number, 0, 0, new byte[8])),
        Request = new PlacementRequest
        {
            Tenant = new($"tenant-{number % Tenants}"),
            Workload = $"workload-{number}",
            Kind = WorkloadKind.Service,
            DataClass = new("public"),
            Residency = [new("DE")],
            Units = 1,
            Unit = new UnitNeed { Accelerators = 1, CpuMilli = 1_000, MemoryMib = 1_024 },
            Priority = number % 3,
        },
        State = PlacementState.Bound,
        Epoch = 1,
        Units = [new UnitBinding(new NodeId(new("lost-a-p"), number / PerNode), 1UL << (number % PerNode), 0)],
        DecidedAt = At,
    };

    /// <summary>One site that is lost, and three with room for three quarters of what ran there.</summary>
    private static IEnumerable<SourceFile> Files(int nodes) =>
    [
        new("regions/catalog/accelerators.yaml", $$"""
            schemaVersion: 1
            accelerators:
              - { id: h100, vendor: nvidia, model: H100, architecture: hopper, memoryGigabytes: 80, watts: 700,
                  link: nvlink4, formFactor: sxm5, perNode: 8, scaleUpDomainMax: 8, status: shipping,
                  programmability: general, {{Assumed}} }

            """),
        new("regions/catalog/jurisdictions.yaml", $$"""
            schemaVersion: 1
            internationalSchemes: [ISO_27001]
            jurisdictions:
              - { id: "DE", name: Germany, {{Assumed}} }

            """),
        new("regions/catalog/legal-entities.yaml", $$"""
            schemaVersion: 1
            legalEntities:
              - { id: acme, name: Acme GmbH, seat: "DE", {{Assumed}} }

            """),
        new("regions/catalog/provider-regions.yaml", "schemaVersion: 1\nproviderRegions: []\n"),
        new("regions/catalog/sources.yaml", "schemaVersion: 1\nsources: []\n"),
        Region("lost", nodes), Region("one", nodes / 4), Region("two", nodes / 4), Region("three", nodes / 4),
    ];

    private static SourceFile Region(string id, int nodes) => new($"regions/{id}.yaml", $$"""
        schemaVersion: 1
        region: {{id}}
        name: {{id}}
        jurisdiction: "DE"
        operator: acme
        {{Assumed}}
        sites:
          - site: {{id}}-a
            country: "DE"
            city: Town
            status: active
            {{Assumed}}
            power:
              pue: 1.2
              phases:
                - { from: 2026-01-01, megawatts: 900, {{Assumed}} }
              usdPerMegawattHour: 90
              carbonGramsPerKilowattHour: 300
              {{Assumed}}
            clusters:
              - cluster: {{id}}-a-c
                scheduler: simulated
                provider: onprem
                providerRegion: floor
                nodePools:
                  - pool: {{id}}-a-p
                    sku: h100
                    acceleratorsPerNode: 8
                    nodes: {{nodes}}
                    cpuMilliPerNode: 96000
                    memoryMibPerNode: 1048576
                    fabric: infiniband
                    nodesPerFabricDomain: {{nodes}}
                    hostWatts: 2000
                    usdPerHour: 2.5
                    {{Assumed}}

        """);

    private sealed record Loss(
        MovePlan Plan, (TimeSpan Cpu, TimeSpan Clock) Decided, (TimeSpan Cpu, TimeSpan Clock) Durable, int Bytes);
}
