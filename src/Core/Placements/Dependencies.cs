using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Says where a workload may be for the sake of those that it needs, and which placements are bound to each other by
/// that. A placement on a move counts where it will be.
/// </summary>
public static class Dependencies
{
    /// <summary>Most placements that are bound to each other; they move together, and are planned together.</summary>
    public const int MostInGroup = 64;

    /// <summary>
    /// What is wrong with what a request needs: a workload that its tenant does not have, or a ring. Whether another
    /// tenant has one of the name is not told.
    /// </summary>
    public static Seq<Problem> Check(World world, PlacementRequest request)
    {
        if (request.DependsOn.Count == 0 && world.Dependents.Count == 0) return [];
        var problems = new List<Problem>();
        for (var index = 0; index < request.DependsOn.Count; index++)
        {
            var path = $"/dependsOn/{index}/workload";
            var target = request.DependsOn[index].Workload;
            if (target == request.Workload)
                problems.Add(new("dependency-cycle", path, $"'{target}' needs itself"));
            else if (world.Named(request.Tenant, target).Count == 0)
                problems.Add(new("dependency-unknown", path, $"tenant {request.Tenant} has no workload '{target}'"));
            else if (WayTo(world, request, target) is { } way)
                problems.Add(new(
                    "dependency-cycle", path, $"'{target}' needs '{request.Workload}' already: {way}"));
        }

        if (problems.Count == 0 && (request.DependsOn.Count > 0
            || world.DependentsOf(request.Tenant, request.Workload).Count > 0)
            && Reach(world, request, []).Count + 1 is > MostInGroup and var size)
        {
            problems.Add(new("too-many", request.DependsOn.Count > 0 ? "/dependsOn" : "/workload",
                $"would bind {size} workloads to each other; the limit is {MostInGroup}"));
        }

        return problems.ToSeq();
    }

    /// <summary>Whether every unit of a placement is near those that it needs.</summary>
    public static bool Hold(World world, Placement placement) =>
        Hold(world, placement, static other => other.Destination);

    /// <summary>The same, where places are taken from somewhere else.</summary>
    internal static bool Hold(World world, Placement placement, Func<Placement, Seq<UnitBinding>> placeOf)
    {
        foreach (var dependency in placement.Request.DependsOn)
        {
            var targets = world.Named(placement.Request.Tenant, dependency.Workload)
                .Where(id => id != placement.Id)
                .Select(id => world.Find(id)!) // the index knows what is there
                .ToList();
            if (targets.Count == 0) continue;
            var near = targets.SelectMany(target => DomainsOf(world, placeOf(target), dependency.Within)).ToHashSet();
            if (!DomainsOf(world, placeOf(placement), dependency.Within).All(near.Contains)) return false;
        }

        return true;
    }

    /// <summary>
    /// Placements that a placement is bound to, by what it needs and by what needs it, over any number of links; with
    /// itself, those that are needed before those that need them.
    /// </summary>
    public static Seq<DecisionId> GroupOf(World world, Placement placement)
    {
        var group = Reach(world, placement.Request, [placement]).ToDictionary(member => member.Id);
        var seen = new HashSet<DecisionId>();
        var ordered = new List<DecisionId>();
        foreach (var member in group.Values.OrderBy(member => member.Id)) Visit(member);
        return ordered.ToSeq();

        // Rings are refused; one that came about by names that were used again ends where it began. Groups are small.
        void Visit(Placement member)
        {
            if (!seen.Add(member.Id)) return;
            foreach (var id in TargetsOf(world, member.Request)) Visit(group[id]);
            ordered.Add(member.Id);
        }
    }

    /// <summary>Placements that need this one, or one of its name.</summary>
    public static IReadOnlyCollection<DecisionId> DependentsOf(World world, Placement placement) =>
        world.DependentsOf(placement.Request.Tenant, placement.Request.Workload);

    /// <summary>Pools that are near all that a request needs; null when every pool is.</summary>
    internal static Func<FleetPool, bool>? Near(World world, PlacementRequest request)
    {
        if (request.DependsOn.Count == 0) return null;
        var missed = Missed(world, request);
        return pool => missed(pool) is null;
    }

    /// <summary>Tells the first workload that a request needs and that is not near a pool; null when all are.</summary>
    internal static Func<FleetPool, Dependency?> Missed(World world, PlacementRequest request)
    {
        var limits = LimitsOf(world, request);
        return pool =>
        {
            foreach (var (within, domains, workload) in limits)
            {
                if (!domains.Contains(DomainOf(pool, within))) return new Dependency(workload, within);
            }

            return null;
        };
    }

    private static List<(DependencyScope Within, HashSet<int> Domains, string Workload)> LimitsOf(
        World world, PlacementRequest request)
    {
        var limits = new List<(DependencyScope, HashSet<int>, string)>();
        foreach (var dependency in request.DependsOn)
        {
            var targets = world.Named(request.Tenant, dependency.Workload);
            if (targets.Count == 0) continue;
            limits.Add((
                dependency.Within,
                targets.SelectMany(id => DomainsOf(world, world.Find(id)!.Destination, dependency.Within)).ToHashSet(),
                dependency.Workload));
        }

        return limits;
    }

    /// <summary>Every placement that is bound to what is given, by any number of links, and what is given.</summary>
    private static List<Placement> Reach(World world, PlacementRequest from, IEnumerable<Placement> given)
    {
        var found = given.ToList();
        var seen = found.Select(placement => placement.Id).ToHashSet();
        Add(from);
        for (var next = 0; next < found.Count; next++) Add(found[next].Request);
        return found;

        void Add(PlacementRequest request)
        {
            foreach (var id in TargetsOf(world, request).Concat(
                world.DependentsOf(request.Tenant, request.Workload)))
            {
                if (seen.Add(id)) found.Add(world.Find(id)!); // the index knows what is there
            }
        }
    }

    private static IEnumerable<DecisionId> TargetsOf(World world, PlacementRequest request) => request.DependsOn
        .SelectMany(dependency => world.Named(request.Tenant, dependency.Workload));

    /// <summary>How a workload needs another one already, as names; null when it does not.</summary>
    private static string? WayTo(World world, PlacementRequest request, string from)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { from };
        var open = new Queue<(string Workload, string Way)>([(from, from)]);
        while (open.TryDequeue(out var next))
        {
            var needs = world.Named(request.Tenant, next.Workload).SelectMany(id => world.Find(id)!.Request.DependsOn);
            foreach (var need in needs)
            {
                var way = $"{next.Way} -> {need.Workload}";
                if (need.Workload == request.Workload) return way;
                if (seen.Add(need.Workload)) open.Enqueue((need.Workload, way));
            }
        }

        return null;
    }

    private static IEnumerable<int> DomainsOf(World world, Seq<UnitBinding> units, DependencyScope within) => units
        .Select(unit => unit.Node.Pool).Distinct()
        .Select(pool => DomainOf(world.Fleet.FindPool(pool)!, within)); // bound units are in pools that are there

    private static int DomainOf(FleetPool pool, DependencyScope within) =>
        within == DependencyScope.Site ? pool.Site.Index : pool.Region.Index;
}
