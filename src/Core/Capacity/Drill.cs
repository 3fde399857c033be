using ControlPlane.Capacity.Gravity;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>Rates that a drill reckons with; they are stated, not measured.</summary>
public sealed record DrillRates
{
    public static DrillRates Usual { get; } = new();

    /// <summary>Time until every copy at the lost place has surely stopped; nothing starts elsewhere before.</summary>
    public TimeSpan Fence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time to start a unit whose state is there.</summary>
    public TimeSpan Start { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>State that a unit loads in a second, up to the memory it asks for.</summary>
    public long RestoreMibPerSecond { get; init; } = 1_024;

    /// <summary>Workloads that come to one region at once.</summary>
    public int MovesAtOnce { get; init; } = 16;
}

/// <summary>When a displaced workload is back, if all goes by the stated rates.</summary>
/// <param name="Order">Place in the plan, from 1; 0 when it finds no place.</param>
/// <param name="StartsAfter">From the loss until its move begins.</param>
/// <param name="RecoversAfter">From the loss until it runs; null when it finds no place.</param>
/// <param name="HasData">Whether a copy of its data is left where it may lawfully run; true when none is
/// declared.</param>
/// <param name="PromisedWithin">What the workload was promised, by its label; null when nothing was.</param>
public sealed record DrillMove(
    WorkloadSurvival Workload, int Order, TimeSpan StartsAfter, TimeSpan? RecoversAfter, bool HasData,
    TimeSpan? PromisedWithin)
{
    /// <summary>
    /// Whether it, or something that it is bound to, is sticky: it starts elsewhere only once somebody states that it
    /// does not run any more, and the times count from then on.
    /// </summary>
    public bool WaitsForPerson { get; init; }

    /// <summary>Whether something that was promised does not hold.</summary>
    public bool IsBroken => !HasData || Workload.Outcome != SurvivalOutcome.Recovers
        || (PromisedWithin is { } within && (RecoversAfter > within || WaitsForPerson));
}

/// <summary>Data of which a loss leaves no lawful copy.</summary>
/// <param name="Readers">Workloads that read it today, wherever they run.</param>
public sealed record LostDataset(DatasetId Dataset, TenantId Tenant, int Readers);

/// <summary>
/// A loss that is played through on what runs now: in which order everything comes back, when, and what does not.
/// Nothing changes.
/// </summary>
public sealed record Drill
{
    /// <summary>Label by which a workload states within how many seconds it must be back.</summary>
    public const string PromiseLabel = "recovery-seconds";

    public required SurvivalReport Survival { get; init; }

    public required DrillRates Rates { get; init; }

    /// <summary>Ordered by plan; those without a place last.</summary>
    public required Seq<DrillMove> Moves { get; init; }

    /// <summary>Data of which no lawful copy is left, by name; also such as only work elsewhere reads.</summary>
    public Seq<LostDataset> LostData { get; init; } = [];

    /// <summary>Whether any promise does not hold, or work loses its data.</summary>
    public bool IsBroken => Moves.Any(move => move.IsBroken) || LostData.Any(data => data.Readers > 0);

    /// <summary>Time within which so many hundredths of what recovers is back; null when nothing does.</summary>
    public TimeSpan? RecoveredWithin(int perCent)
    {
        var times = Moves.Select(move => move.RecoversAfter).OfType<TimeSpan>().Order().ToList();
        return times.Count == 0 ? null : times[Math.Max(0, ((times.Count * perCent) + 99) / 100 - 1)];
    }

    public static Drill Run(
        World world, Law law, (Scenario Scenario, DrillRates Rates) asked, DateTimeOffset asOf)
    {
        var report = Capacity.Survival.Assess(world, law.Policies, asked.Scenario, asOf);
        var fleet = asked.Scenario.Change(world.Fleet);
        var after = new Law(fleet, law.Policies);
        var slots = new MoveSlots(asked.Rates);
        var (moves, order) = (new List<DrillMove>(), 0);
        foreach (var together in InTurn(report.Workloads))
        {
            var going = together.Where(workload => workload.Recovered > 0).ToList();
            // What is bound to each other begins at once, when there is a slot for each.
            var begins = slots.Take([.. going.Select(workload => (
                fleet.FindPool(workload.Targets[0].Pool)!.Region.Id, DurationOf(workload, asked.Rates)))]);
            var waits = together.Exists(workload => IsStickyThere(world.Fleet, asked.Scenario, workload));
            foreach (var workload in together)
            {
                var hasData = workload.HasData
                    && HasData(fleet, after, (workload.Placement.Request, asked.Scenario), asOf);
                var promised = PromiseOf(workload.Placement.Request);
                var move = workload.Recovered == 0
                    ? new DrillMove(workload, 0, TimeSpan.Zero, null, hasData, promised)
                    : new(workload, ++order, begins, hasData ? begins + DurationOf(workload, asked.Rates) : null,
                        hasData, promised);
                moves.Add(move with { WaitsForPerson = waits });
            }
        }

        return new Drill
        {
            Survival = report,
            Rates = asked.Rates,
            LostData = LostDataOf(world, (law, after), asked.Scenario, asOf),
            Moves = moves.OrderBy(move => move.Order == 0).ThenBy(move => move.Order).ToSeq(),
        };
    }

    private static Seq<LostDataset> LostDataOf(
        World world, (Law Today, Law After) law, Scenario scenario, DateTimeOffset asOf)
    {
        if (world.Fleet.Datasets.Count == 0) return [];
        var today = new DataReach(law.Today, lost: null, DataTerms.Usual, asOf);
        var after = new DataReach(law.After, scenario, DataTerms.Usual, asOf);
        var lost = world.Fleet.Datasets
            .Where(dataset => today.Copies(dataset).Any() && !after.Copies(dataset).Any())
            .OrderBy(dataset => dataset.Dataset).ToList();
        if (lost.Count == 0) return [];
        var readers = world.Placements.SelectMany(placement => placement.Request.Datasets).CountBy(id => id)
            .ToDictionary(count => count.Key, count => count.Value);
        return lost.Select(dataset => new LostDataset(
            dataset.Dataset, dataset.Tenant, readers.GetValueOrDefault(dataset.Dataset))).ToSeq();
    }

    /// <summary>Whether it may still run at what is lost, for all that anybody knows.</summary>
    private static bool IsStickyThere(Fleet fleet, Scenario scenario, WorkloadSurvival workload) =>
        workload.Placement.Request.RunClass == RunClass.Sticky
        && workload.From.Any(pool => scenario.Loses(fleet.FindPool(pool)!)); // it runs there

    /// <summary>By priority; what is bound to each other comes when the most urgent of it does.</summary>
    private static IEnumerable<List<WorkloadSurvival>> InTurn(Seq<WorkloadSurvival> workloads) => workloads
        .Index()
        .GroupBy(item => item.Item.Group is { Count: > 0 } group ? group[0] : item.Item.Placement.Id)
        .OrderBy(group => group.Min(item => item.Index))
        .Select(group => group.Select(item => item.Item).ToList());

    private static TimeSpan DurationOf(WorkloadSurvival workload, DrillRates rates) =>
        workload.DataTime + DurationOf(workload.Placement.Request, rates);

    internal static TimeSpan DurationOf(PlacementRequest request, DrillRates rates) =>
        rates.Start + TimeSpan.FromSeconds(Math.Ceiling((double)request.Unit.MemoryMib / rates.RestoreMibPerSecond));

    /// <summary>Whether a declared copy is left in a region where the work may lawfully run.</summary>
    private static bool HasData(
        Fleet fleet, Law law, (PlacementRequest Request, Scenario Scenario) of, DateTimeOffset asOf)
    {
        // Datasets say more: where each copy is, and whether it gets there.
        if (of.Request.Datasets.Count > 0 || of.Request.DataCopies is not { } copies) return true;
        var lawful = law.LawfulPools(LawSubject.Of(of.Request), asOf);
        return fleet.Pools.Any(pool =>
            copies.Contains(pool.Region.Id) && !of.Scenario.Loses(pool) && lawful.Contains(pool.Index));
    }

    internal static TimeSpan? PromiseOf(PlacementRequest request)
    {
        var label = request.Labels.FirstOrDefault(label => label.Key == PromiseLabel);
        return int.TryParse(
            label.Value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture,
            out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
    }
}
