using ControlPlane.Inventory;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>What a plan is asked for.</summary>
public sealed record PlanQuestion
{
    /// <summary>Id of the plan, made up by whoever asks.</summary>
    public required Guid Id { get; init; }

    public required MoveKind Kind { get; init; }

    /// <summary>Sites that are left.</summary>
    public required Seq<SiteId> Sites { get; init; }

    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Nodes that are left, where it is not whole sites.</summary>
    public Seq<NodeId> Nodes { get; init; } = [];

    /// <summary>The law of the days to come; only for what it denies.</summary>
    public LawAhead? Ahead { get; init; }

    /// <summary>Whether what stands elsewhere moves along where those that it is bound to find no place near.</summary>
    internal bool GoesTogether { get; init; }
}

/// <summary>
/// Plans for everything that has to leave some sites at once, by priority, with the decision that places everything
/// else. The world is the same afterwards as before.
/// </summary>
public static class FailoverPlanner
{
    public static MovePlan Plan(World world, Law law, PlanQuestion question)
    {
        var leaving = question.Sites.ToHashSet();
        return new PlanTrial(world, law, question with { GoesTogether = true })
            .Run(InTurn(world, leaving), placement => Leaving(world, placement, leaving));
    }

    /// <summary>
    /// What has units at the sites and is on no move: higher priority first, then what is bigger, then by id.
    /// </summary>
    internal static Placement[] InTurn(World world, HashSet<SiteId> sites)
    {
        var found = sites.SelectMany(world.WorkAt).Distinct()
            .Select(id => world.Find(id)!)
            .Where(placement => placement.Move is null)
            .ToArray();
        // A lost region has hundreds of thousands; what they are ordered by is computed once for each.
        var keys = Array.ConvertAll(found, placement =>
            (-placement.Request.Priority, -placement.Request.AcceleratorMilliTotal, placement.Id));
        Array.Sort(keys, found);
        return found;
    }

    /// <summary>Plans the way home of work that failed over, for sites that are well again.</summary>
    public static MovePlan PlanFailback(World world, Law law, PlanQuestion question, LossTerms terms)
    {
        var candidates = world.Away.Select(id => world.Find(id)!)
            .Where(placement => placement.Move is null && IsHomeWell(world, placement, (question.AsOf, terms)))
            .OrderByDescending(placement => placement.Request.Priority)
            .ThenBy(placement => placement.Id);
        return new PlanTrial(world, law, question).Run(candidates, placement =>
            IsHomeWell(world, placement, (question.AsOf, terms)) ? Returning(world, placement) : []);
    }

    /// <summary>
    /// Plans for what runs where the law denies it, or will before long, to go where it may stay. Where there is no
    /// such place it stays put and says why: law is never relaxed, and what runs is not stopped.
    /// </summary>
    public static MovePlan PlanRemedy(
        World world, Law law, PlanQuestion question, IEnumerable<DecisionId> denied)
    {
        var remedy = new Remedy(world, law, question);
        return new PlanTrial(world, law, question with { GoesTogether = true })
            .Run(remedy.InTurn(denied), remedy.Leaving);
    }

    /// <summary>Plans for what is away from what it needs to go near it again.</summary>
    public static MovePlan PlanReunion(World world, Law law, PlanQuestion question)
    {
        var apart = Apart(world).ToDictionary(placement => placement.Id);
        return new PlanTrial(world, law, question).Run(apart.Values.OrderBy(placement => placement.Id), placement =>
            !apart.ContainsKey(placement.Id) ? []
            : placement.Request.Kind == WorkloadKind.Gang ? placement.Units
            : Dependencies.Near(world, placement.Request) is not { } near ? []
            : placement.Units.Where(unit => !near(world.Fleet.FindPool(unit.Node.Pool)!)).ToSeq());
    }

    /// <summary>Placements that are away from what they need, and that nothing else moves.</summary>
    public static IEnumerable<Placement> Apart(World world) => world.Dependents
        .Select(id => world.Find(id)!)
        .Where(placement => placement is { Move: null, State: PlacementState.Bound }
            && !Dependencies.Hold(world, placement)
            && placement.Units.All(unit =>
                world.Sites.Find(world.Fleet.FindPool(unit.Node.Pool)!.Site.Id) is null or
                    { Health: SiteHealth.Healthy, Draining: false }));

    /// <summary>Whether there is anything that could be planned for; for asking before planning.</summary>
    public static bool HasWork(World world, Seq<SiteId> sites) =>
        sites.Any(site => world.WorkAt(site).Any(id => world.Find(id) is { Move: null }));

    /// <summary>Since when every site that a placement left is well; null when one is not.</summary>
    public static DateTimeOffset? HomeWellSince(World world, Placement placement)
    {
        if (placement.Former is not { } former) return null;
        var since = DateTimeOffset.MinValue;
        foreach (var pool in former.Pools)
        {
            if (world.Fleet.FindPool(pool)?.Site is not { } site || !world.Sites.IsOpen(site)) return null;
            if (world.Sites.Find(site.Id) is { } condition && condition.Since > since) since = condition.Since;
        }

        return since;
    }

    /// <summary>Units that are where a move led them.</summary>
    private static Seq<UnitBinding> Returning(World world, Placement placement) => placement.Units
        .Where(unit => placement.Moved.Any(moved => moved.Site == world.Fleet.FindPool(unit.Node.Pool)!.Site.Id))
        .Where(unit => !placement.Former!.Pools.Contains(unit.Node.Pool)) // only what has one is asked about
        .ToSeq();

    private static bool IsHomeWell(World world, Placement placement, (DateTimeOffset Now, LossTerms Terms) at) =>
        HomeWellSince(world, placement) is { } since && at.Now - since >= at.Terms.FailbackAfter;

    /// <summary>Units that leave: those at the sites, or all of a gang.</summary>
    private static Seq<UnitBinding> Leaving(World world, Placement placement, HashSet<SiteId> sites)
    {
        var count = 0;
        foreach (var unit in placement.Units.Span)
            count += sites.Contains(world.Fleet.FindPool(unit.Node.Pool)!.Site.Id) ? 1 : 0;
        if (count == placement.Units.Count || (count > 0 && placement.Request.Kind == WorkloadKind.Gang))
            return placement.Units;
        return placement.Units
            .Where(unit => sites.Contains(world.Fleet.FindPool(unit.Node.Pool)!.Site.Id)).ToSeq();
    }
}
