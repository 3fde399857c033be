using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>Changes to play through: nothing of it is declared, activated or placed.</summary>
public sealed record WhatIfChanges
{
    /// <summary>Pools with the number of nodes that they would have.</summary>
    public Seq<(NodePoolId Pool, int Nodes)> Nodes { get; init; }

    /// <summary>Sites with the megawatts that they would be given.</summary>
    public Seq<(SiteId Site, decimal Megawatts)> Power { get; init; }

    public Seq<SiteId> RemoveSites { get; init; }

    /// <summary>Region and catalogue files that would be added, or stand in place of those with the same
    /// path.</summary>
    public Seq<SourceFile> RegionFiles { get; init; }

    /// <summary>Policy files that would be added, or stand in place of those with the same path.</summary>
    public Seq<SourceFile> PolicyFiles { get; init; }

    public Seq<PolicyId> RemovePolicies { get; init; }

    /// <summary>Workloads that would be asked for, in order.</summary>
    public Seq<PlacementRequest> Workloads { get; init; }

    public Seq<DecisionId> EndPlacements { get; init; }
}

/// <summary>The state that changes are played through on; it stays as it is.</summary>
public sealed record WhatIfState(
    World World, Law Law, IReadOnlyCollection<SourceFile> FleetFiles, IReadOnlyCollection<SourceFile> PolicyFiles);

/// <summary>A workload that finds no place after the changes, and whether it has one today.</summary>
public sealed record WhatIfRefusal(PlacementRequest Request, string Reason, bool RunsToday);

/// <summary>What a loss does today and would do after the changes.</summary>
public sealed record WhatIfSurvival(string Scenario, long MissingMilliBefore, long MissingMilliAfter, int LostBefore,
    int LostAfter);

/// <summary>What changes would do: to what is free, to what is refused, and to what survives.</summary>
public sealed record WhatIfReport
{
    public required CapacityReport Before { get; init; }

    public required CapacityReport After { get; init; }

    /// <summary>Placements whose place would be gone, and that find another.</summary>
    public required int Moved { get; init; }

    /// <summary>Workloads that were added and find a place.</summary>
    public required int Placed { get; init; }

    public required Seq<WhatIfRefusal> Refusals { get; init; }

    /// <summary>Placements that stay where they are and would no longer be lawful there.</summary>
    public required Seq<Placement> Unlawful { get; init; }

    /// <summary>Losses that do something else than today.</summary>
    public required Seq<WhatIfSurvival> Survival { get; init; }
}

/// <summary>Plays changes through on a copy.</summary>
public static class WhatIf
{
    /// <summary>Nodes of all pools that are given a number of them; each takes its room in memory.</summary>
    private const int MostNodes = 1_000_000;

    public static Checked<WhatIfReport> Assess(WhatIfState state, WhatIfChanges changes, DateTimeOffset asOf)
    {
        var problems = new List<Problem>();
        var fleet = FleetOf(state, changes, problems);
        var policies = PoliciesOf(state, changes, fleet, problems);
        if (problems.Count > 0) return Checked<WhatIfReport>.Invalid(problems);
        var (world, law) = (Capacity.Survival.EmptyOf(state.World, fleet, asOf), new Law(fleet, policies));
        var trial = new WhatIfTrial(state.World, (world, law), changes.EndPlacements, asOf);
        var moved = trial.Stay().Where(trial.TryMove).ToList();
        var placed = changes.Workloads.Index().Select(item => New(item.Item, item.Index, asOf))
            .Where(trial.TryPlace).ToList();
        world.Settle();
        return Checked<WhatIfReport>.Valid(new WhatIfReport
        {
            Before = CapacityReport.Of(state.World, state.Law, [], (CapacityView.Region, asOf)),
            After = CapacityReport.Of(world, law, [], (CapacityView.Region, asOf)),
            // Something later may have ended what found a place.
            Moved = moved.Count(item => world.Find(item.Id) is not null),
            Placed = placed.Count(item => world.Find(item.Id) is not null),
            Refusals = trial.Refusals.ToSeq(),
            Unlawful = world.Placements.Where(item => IsUnlawful(law, item, asOf)).OrderBy(item => item.Id).ToSeq(),
            Survival = Compare((state.World, state.Law), (world, law), asOf),
        });
    }

    private static Fleet FleetOf(WhatIfState state, WhatIfChanges changes, List<Problem> problems)
    {
        problems.AddRange(Unknown(state, changes));
        var fleet = state.World.Fleet;
        if (changes.RegionFiles.Count > 0)
        {
            var parsed = Regions.RegionFiles.Parse([.. Merged(state.FleetFiles, changes.RegionFiles)]);
            problems.AddRange(parsed.Problems);
            if (parsed.IsValid) fleet = parsed.Value;
        }

        return new Fleet(fleet.Catalog, fleet.Regions.Select(region => Changed(region.Spec, changes)));
    }

    /// <summary>What is named and not there, or named twice, or too much.</summary>
    private static IEnumerable<Problem> Unknown(WhatIfState state, WhatIfChanges changes)
    {
        var today = state.World.Fleet;
        foreach (var (index, id) in changes.EndPlacements.Index().Where(item => state.World.Find(item.Item) is null))
            yield return new("value-unknown", $"endPlacements[{index}]", $"there is no placement {id}");
        foreach (var (index, (pool, _)) in changes.Nodes.Index().Where(item => today.FindPool(item.Item.Pool) is null))
            yield return new("value-unknown", $"nodes[{index}].pool", $"there is no node pool '{pool}'"
                + NearestName.Hint(pool.Value, today.Pools.Select(item => item.Id.Value)));
        var sites = changes.Power.Select((item, index) => (Path: $"power[{index}].site", item.Site))
            .Concat(changes.RemoveSites.Select((site, index) => (Path: $"removeSites[{index}]", Site: site)));
        foreach (var (path, site) in sites.Where(item => today.FindSite(item.Site) is null))
            yield return new("site-unknown", path, $"there is no site '{site}'"
                + NearestName.Hint(site.Value, today.Sites.Select(item => item.Id.Value)));
        foreach (var (index, (pool, _)) in changes.Nodes.Index()
            .Where(item => changes.Nodes.Take(item.Index).Any(other => other.Pool == item.Item.Pool)))
            yield return new("duplicate-id", $"nodes[{index}].pool", $"'{pool}' stands there already");
        foreach (var (index, (site, _)) in changes.Power.Index()
            .Where(item => changes.Power.Take(item.Index).Any(other => other.Site == item.Item.Site)))
            yield return new("duplicate-id", $"power[{index}].site", $"'{site}' stands there already");
        if (changes.Nodes.Sum(item => (long)item.Nodes) is > MostNodes and var nodes)
            yield return new("out-of-range", "nodes", $"must be {MostNodes} nodes at most in all, are {nodes}");
    }

    private static RegionSpec Changed(RegionSpec region, WhatIfChanges changes) => region with
    {
        Sites = region.Sites.Where(site => !changes.RemoveSites.Contains(site.Site)).Select(site => site with
        {
            Power = changes.Power.FirstOrDefault(item => item.Site == site.Site) is { Megawatts: > 0 } given
                ? site.Power with
                {
                    Phases = site.Power.Phases.Select(phase => phase with { Megawatts = given.Megawatts }).ToSeq(),
                }
                : site.Power,
            Clusters = site.Clusters.Select(cluster => cluster with
            {
                NodePools = cluster.NodePools.Select(pool => Changed(pool, changes)).ToSeq(),
            }).ToSeq(),
        }).ToSeq(),
    };

    private static NodePoolSpec Changed(NodePoolSpec pool, WhatIfChanges changes)
    {
        foreach (var (id, nodes) in changes.Nodes)
        {
            if (id == pool.Pool) return pool with { Nodes = nodes, AllocatableNodes = null };
        }

        return pool;
    }

    private static PolicySet PoliciesOf(
        WhatIfState state, WhatIfChanges changes, Fleet fleet, List<Problem> problems)
    {
        var policies = state.Law.Policies;
        foreach (var (index, id) in changes.RemovePolicies.Index()
            .Where(item => policies.Policies.All(policy => policy.Id != item.Item)))
            problems.Add(new("value-unknown", $"removePolicies[{index}]", $"there is no policy '{id}'"
                + NearestName.Hint(id.Value, policies.Policies.Select(policy => policy.Id.Value))));
        if (changes.PolicyFiles.Count > 0)
        {
            var parsed = Policies.PolicyFiles.Parse([.. Merged(state.PolicyFiles, changes.PolicyFiles)], fleet);
            problems.AddRange(parsed.Problems);
            if (parsed.IsValid) policies = parsed.Value;
        }

        return policies with
        {
            Policies = policies.Policies.Where(policy => !changes.RemovePolicies.Contains(policy.Id)).ToSeq(),
        };
    }

    private static IEnumerable<SourceFile> Merged(IReadOnlyCollection<SourceFile> files, Seq<SourceFile> changed) =>
        files.Where(file => changed.All(item => item.Path != file.Path)).Concat(changed)
            .OrderBy(file => file.Path, StringComparer.Ordinal);

    /// <summary>Ids count from the end, where no decision of a clock will ever be.</summary>
    private static Placement New(PlacementRequest request, int index, DateTimeOffset asOf) => new()
    {
        Id = new DecisionId(new Guid(int.MaxValue - index, 0, 0, new byte[8])), Request = request,
        State = PlacementState.Bound, Epoch = 1, Units = [], DecidedAt = asOf,
    };

    private static bool IsUnlawful(Law law, Placement placement, DateTimeOffset asOf)
    {
        var lawful = law.LawfulPools(LawSubject.Of(placement.Request), asOf);
        return placement.Units.Any(unit => !lawful.Contains(law.Fleet.FindPool(unit.Node.Pool)!.Index));
    }

    private static Seq<WhatIfSurvival> Compare(
        (World World, Law Law) before, (World World, Law Law) after, DateTimeOffset asOf)
    {
        var then = Survival.Usual(before.World, before.Law.Policies, asOf).ToDictionary(item => item.Scenario);
        var now = Survival.Usual(after.World, after.Law.Policies, asOf).ToDictionary(item => item.Scenario);
        return then.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
            .Select(name => new WhatIfSurvival(
                name, Missing(then.GetValueOrDefault(name)), Missing(now.GetValueOrDefault(name)),
                Lost(then.GetValueOrDefault(name)), Lost(now.GetValueOrDefault(name))))
            .Where(item => item.MissingMilliBefore != item.MissingMilliAfter || item.LostBefore != item.LostAfter)
            .ToSeq();
    }

    private static long Missing(SurvivalReport? report) => report?.Shortages.Sum(item => item.AcceleratorMilli) ?? 0;

    private static int Lost(SurvivalReport? report) =>
        report?.Workloads.Count(item => item.Outcome != SurvivalOutcome.Recovers) ?? 0;
}
