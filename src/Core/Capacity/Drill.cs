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
    /// <summary>Whether something that was promised does not hold.</summary>
    public bool IsBroken => !HasData || Workload.Outcome != SurvivalOutcome.Recovers
        || (PromisedWithin is { } within && RecoversAfter > within);
}

/// <summary>
/// A loss that is played through on what runs now: in which order everything comes back, when, and what does not.
/// Nothing
/// changes.
/// </summary>
public sealed record Drill
{
    /// <summary>Label by which a workload states within how many seconds it must be back.</summary>
    public const string PromiseLabel = "recovery-seconds";

    public required SurvivalReport Survival { get; init; }

    public required DrillRates Rates { get; init; }

    /// <summary>Ordered by plan; those without a place last.</summary>
    public required Seq<DrillMove> Moves { get; init; }

    /// <summary>Whether any promise does not hold.</summary>
    public bool IsBroken => Moves.Any(move => move.IsBroken);

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
        // Free again at, for each of the moves that a region takes at once.
        var slots = new Dictionary<RegionId, PriorityQueue<int, TimeSpan>>();
        var (moves, order) = (new List<DrillMove>(), 0);
        foreach (var workload in report.Workloads)
        {
            var hasData = workload.HasData
                && HasData(fleet, after, (workload.Placement.Request, asked.Scenario), asOf);
            var promised = PromiseOf(workload.Placement.Request);
            if (workload.Recovered == 0)
            {
                moves.Add(new(workload, 0, TimeSpan.Zero, null, hasData, promised));
                continue;
            }

            var region = fleet.FindPool(workload.Targets[0].Pool)!.Region.Id;
            var duration = workload.DataTime + DurationOf(workload.Placement.Request, asked.Rates);
            var begins = Take(slots, region, asked.Rates, duration);
            var back = begins + duration;
            moves.Add(new(workload, ++order, begins, hasData ? back : null, hasData, promised));
        }

        return new Drill
        {
            Survival = report,
            Rates = asked.Rates,
            Moves = moves.OrderBy(move => move.Order == 0).ThenBy(move => move.Order).ToSeq(),
        };
    }

    /// <summary>Takes the slot of a region that is free first; gives when it is.</summary>
    private static TimeSpan Take(
        Dictionary<RegionId, PriorityQueue<int, TimeSpan>> slots, RegionId region, DrillRates rates, TimeSpan duration)
    {
        if (!slots.TryGetValue(region, out var free))
        {
            slots.Add(region, free = new PriorityQueue<int, TimeSpan>());
            for (var slot = 0; slot < rates.MovesAtOnce; slot++) free.Enqueue(slot, rates.Fence);
        }

        free.TryDequeue(out var taken, out var at);
        free.Enqueue(taken, at + duration);
        return at;
    }

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
