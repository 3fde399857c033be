using System.Globalization;
using System.Text;
using ControlPlane.Capacity;
using ControlPlane.Files;
using ControlPlane.Ledger;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Bench.State;

/// <summary>
/// Measures a world of many workloads: its memory, what is in use by model, whether law still holds for every one,
/// and how long it takes to write it as a snapshot and to start from that.
/// </summary>
internal static class StateTable
{
    private const int Pools = 8;
    private const int Tenants = 200;

    private static readonly DateTimeOffset At = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    public static BenchTable Make(BenchOptions options)
    {
        var workloads = options.Quick ? 2_000 : 1_000_000;
        var table = new BenchTable(
            "state", $"A world of {workloads} workloads, one unit each", ["what", "measured", "bound"]);
        var fleets = new FleetReader();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var state = Start(fleets, workloads);
        var filled = GC.GetTotalMemory(forceFullCollection: true);
        for (var each = 0; each < workloads; each++)
        {
            state.World.Add(PlacementOf(state.World.Fleet, each));
            state.Keys!.Add(KeyIndex.HashOf(new("tenant"), $"{each}"), each); // a state that is whole
            if (each % 1_000 == 0) state.Settle();
        }

        state.Settle();
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - filled;
        table.Add("memory of workloads and keys", $"{bytes / 1e6:f0} MB, {bytes / workloads} bytes each", "150 MB");
        table.Notes.Add($"the fleet itself takes {(filled - before) / 1_000_000} MB");

        var slices = options.Quick ? 2 : 5;
        var (columns, loop) = (0L, 0L);
        var (byColumns, byLoop) = Slices.Measure(
            slices, (_ => columns = InUse(state.World), 1), (_ => loop = InUseByLoop(state.World), 1));
        if (columns != loop) table.Wrong.Add($"in use by columns {columns}, by a loop over workloads {loop}");
        table.Add(
            "accelerators in use by model", $"{byColumns}; loop over workloads {Sample.Text(byLoop.Median)}", "20 ms");

        var unlawful = -1;
        var audit = Slices.Measure(slices, _ => unlawful = LawScan.Unlawful(state.World, state.Law, At).Count, 1);
        if (unlawful != 0 || Audit(state) != 0)
            table.Wrong.Add($"{unlawful} workloads are said to be unlawful, none is");
        table.Add("law of every workload again", $"{audit}", "20 ms");
        Report(table, state, (workloads, slices));

        byte[] written = [];
        var write = Slices.Measure(1, _ => written = LedgerSnapshot.Write(state), 1);
        table.Add("snapshot written", $"{Sample.Text(write.Median)}, {written.Length / 1e6:f0} MB", "");
        LedgerState? read = null;
        var load = Slices.Measure(1, _ => read = LedgerSnapshot.Read(fleets, written), 1);
        table.Add("start from the snapshot", Sample.Text(load.Median), "2 s");
        if (!LedgerSnapshot.DigestOf(read!).Equals(LedgerSnapshot.DigestOf(state))) // read in the line above
            table.Wrong.Add("the state that was read is not the one that was written");
        table.Notes.Add("snapshots are in memory here: no disk and no database takes part");
        table.Notes.Add(
            "SQL adds up an unlogged table of as many rows, in processor time of PostgreSQL; the report also finds "
            + "what is free, reserved, stranded and why");
        return table;
    }

    /// <summary>Reports what is left, beside the sums alone by SQL over as many rows.</summary>
    private static void Report(BenchTable table, LedgerState state, (int Workloads, int Slices) size)
    {
        var sql = SqlSums.Measure(size.Workloads, Pools, Tenants, size.Slices);
        CapacityReport? report = null;
        foreach (var (view, sums) in new[] { (CapacityView.Region, sql.ByPool), (CapacityView.Tenant, sql.ByTenant) })
        {
            var ours = Slices.Measure(
                size.Slices, _ => report = CapacityReport.Of(state.World, state.Law, [], (view, At)), 1);
            table.Add(
                $"capacity report by {view.ToString().ToLowerInvariant()}",
                string.Create(CultureInfo.InvariantCulture,
                    $"{ours}; SQL GROUP BY {Sample.Text(sums.Median)}, {sums.Median / ours.Median:f0} times as long"),
                "20 ms");
        }

        // The last report is the one by tenant; what runs is nowhere held.
        var sold = report!.Rows.ToDictionary(
            row => (row.Name, row.Sku.Value), row => row.Accelerators.SoldMilli);
        if (sold.Count != sql.Sums.Count || sql.Sums.Any(sum => sold.GetValueOrDefault(sum.Key) != sum.Value))
            table.Wrong.Add("the report by tenant and the sums by SQL differ");
    }

    private static LedgerState Start(FleetReader fleets, int workloads)
    {
        var state = new LedgerState(fleets);
        state.Append(new FleetDeclared(Files((workloads / 8 / Pools) + 1).ToSeq(), []), At);
        return state;
    }

    private static Placement PlacementOf(Fleet fleet, int number)
    {
        var pool = fleet.Pools[number % Pools];
        var unit = number / Pools;
        var id = new byte[16];
        BitConverter.TryWriteBytes(id, number);
        return new Placement
        {
            Id = new DecisionId(new Guid(id)),
            Request = new PlacementRequest
            {
                Tenant = new($"tenant-{number % Tenants}"),
                Workload = $"workload-{number}",
                Kind = WorkloadKind.Batch,
                DataClass = new("public"),
                Residency = [new("DE")],
                Units = 1,
                Unit = new UnitNeed { Accelerators = 1, CpuMilli = 4_000, MemoryMib = 16_384 },
            },
            State = PlacementState.Bound,
            Epoch = 1,
            Units = [new UnitBinding(new NodeId(pool.Id, unit / 8), 1UL << (unit % 8), 0)],
            DecidedAt = At,
        };
    }

    /// <summary>Thousandths in use of each model, weighted so that two equal sums mean equal parts.</summary>
    private static long InUse(World world)
    {
        var used = new long[world.Fleet.Skus.Count];
        foreach (var pool in world.Fleet.Pools)
            used[pool.SkuIndex] += pool.AcceleratorMilli - world.Nodes.FreeAcceleratorMilli(pool.Index);
        return used.Select((milli, model) => milli * (model + 1)).Sum();
    }

    private static long InUseByLoop(World world)
    {
        var used = new long[world.Fleet.Skus.Count];
        foreach (var placement in world.Placements)
        {
            foreach (var unit in placement.Units)
            {
                // Placements are on pools of their fleet.
                used[world.Fleet.FindPool(unit.Node.Pool)!.SkuIndex] += placement.Request.Unit.AcceleratorMilli;
            }
        }

        return used.Select((milli, model) => milli * (model + 1)).Sum();
    }

    /// <summary>Workloads on a pool that the law denies them today.</summary>
    private static int Audit(LedgerState state)
    {
        var unlawful = 0;
        foreach (var placement in state.World.Placements)
        {
            var lawful = state.Law.LawfulPools(LawSubject.Of(placement.Request), At);
            foreach (var unit in placement.Units)
            {
                // Placements are on pools of their fleet.
                if (!lawful.Contains(state.World.Fleet.FindPool(unit.Node.Pool)!.Index)) unlawful++;
            }
        }

        return unlawful;
    }

    /// <summary>One site with a pool for each of eight models, large enough for all workloads.</summary>
    private static List<SourceFile> Files(int nodes)
    {
        const string Assumed = "evidence: { confidence: low, assumed: true }";
        var region = new StringBuilder($$"""
            schemaVersion: 1
            region: bench
            name: bench
            jurisdiction: "DE"
            operator: operator
            {{Assumed}}
            sites:
              - site: bench-a
                country: "DE"
                city: Town
                status: active
                {{Assumed}}
                power:
                  pue: 1.2
                  phases:
                    - { from: 2026-01-01, megawatts: 20000, {{Assumed}} }
                  usdPerMegawattHour: 90
                  carbonGramsPerKilowattHour: 300
                  {{Assumed}}
                clusters:
                  - cluster: bench-a-sim
                    scheduler: simulated
                    provider: onprem
                    providerRegion: floor
                    nodePools:

            """);
        var models = new StringBuilder("schemaVersion: 1\naccelerators:\n");
        for (var pool = 0; pool < Pools; pool++)
        {
            region.Append(CultureInfo.InvariantCulture, $"          - {{ pool: p{pool}, sku: m{pool}, ");
            region.Append(CultureInfo.InvariantCulture, $"nodes: {nodes}, ");
            region.Append("acceleratorsPerNode: 8, cpuMilliPerNode: 96000, memoryMibPerNode: 786432, ");
            region.Append(CultureInfo.InvariantCulture, $"fabric: infiniband, nodesPerFabricDomain: {nodes}, ");
            region.Append(CultureInfo.InvariantCulture, $"hostWatts: 500, usdPerHour: 2, {Assumed} }}\n");
            models.Append(CultureInfo.InvariantCulture, $"  - {{ id: m{pool}, vendor: v, model: M, architecture: a, ");
            models.Append("memoryGigabytes: 80, watts: 300, link: pcie, formFactor: pcie, perNode: 8, ");
            models.Append("scaleUpDomainMax: 8, status: shipping, programmability: general, ");
            models.Append(CultureInfo.InvariantCulture, $"{Assumed} }}\n");
        }

        return
        [
            new("regions/bench.yaml", region.ToString()),
            new("regions/catalog/accelerators.yaml", models.ToString()),
            new("regions/catalog/jurisdictions.yaml",
                $"schemaVersion: 1\njurisdictions:\n  - {{ id: \"DE\", name: Germany, {Assumed} }}\n"),
            new("regions/catalog/legal-entities.yaml",
                $"schemaVersion: 1\nlegalEntities:\n  - {{ id: operator, name: Operator, seat: \"DE\", {Assumed} }}\n"),
            new("regions/catalog/provider-regions.yaml", "schemaVersion: 1\nproviderRegions: []\n"),
            new("regions/catalog/sources.yaml", "schemaVersion: 1\nsources: []\n"),
        ];
    }
}
