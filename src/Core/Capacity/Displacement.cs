using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>Units of a placement that lose their place, or leave it for others', and those that keep theirs.</summary>
internal sealed class Displaced
{
    public required Placement Placement { get; init; }

    /// <summary>What it asks for, with what policies demand beside that.</summary>
    public required PlacementRequest Request { get; init; }

    public required Seq<UnitBinding> Moving { get; init; }

    public required Seq<UnitBinding> Staying { get; init; }

    /// <summary>Whether its place stands and the law no longer allows it.</summary>
    public bool IsUnlawful { get; init; }

    /// <summary>Whether it leaves only because something that it is bound to does.</summary>
    public bool GoesAlong { get; init; }

    /// <summary>Units that only count together: all that move of a gang.</summary>
    public bool IsOne => Request.Kind == WorkloadKind.Gang;

    /// <summary>What one unit takes of what is counted; work without anything that is counted still counts.</summary>
    public long UnitAmount => Request.Unit.NeedsAccelerator
        ? Request.Unit.AcceleratorMilli
        : Math.Max(1, Request.Unit.CpuMilli);
}

/// <summary>Splits what runs into what a scenario leaves alone and what it displaces.</summary>
internal static class Displacement
{
    /// <summary>
    /// Adds what stays to <paramref name="after"/> and returns the rest, higher priority first. A gang moves as a
    /// whole. Where a site's power would no longer do, the lowest priorities go until it does.
    /// </summary>
    public static List<Displaced> Split(
        IEnumerable<Placement> placements, World after, Law law, (Scenario Scenario, DateTimeOffset AsOf) at)
    {
        var all = placements
            .OrderByDescending(placement => placement.Request.Priority)
            .ThenBy(placement => placement.Id.Value);
        var displaced = new List<Displaced>();
        var milliwattsLeft = after.Fleet.Sites.Select(site => site.FacilityMilliwattsAt(at.AsOf)).ToArray();
        foreach (var placement in all)
        {
            if (SplitOne(placement, after, law, (at.Scenario, at.AsOf, milliwattsLeft)) is { } item)
                displaced.Add(item);
        }

        return displaced;
    }

    private static Displaced? SplitOne(
        Placement placement, World after, Law law,
        (Scenario Scenario, DateTimeOffset AsOf, long[] MilliwattsLeft) at)
    {
        var lawful = law.LawfulPools(LawSubject.Of(placement.Request), at.AsOf);
        var (moving, staying, unlawful) = (new List<UnitBinding>(), new List<UnitBinding>(), false);
        foreach (var unit in placement.Units)
        {
            var pool = after.Fleet.FindPool(unit.Node.Pool)!;
            var isLost = at.Scenario.Loses(pool);
            var isUnlawful = !isLost && !lawful.Contains(pool.Index);
            unlawful |= isUnlawful;
            var stays = !isLost && !isUnlawful && TakePower(placement.Request.Unit, pool, at.MilliwattsLeft);
            (stays ? staying : moving).Add(unit);
        }

        if (moving.Count == 0)
        {
            // A move that is under way keeps nothing: after a loss everything is sought anew.
            after.Add(placement with { Move = null });
            return null;
        }

        if (placement.Request.Kind == WorkloadKind.Gang)
        {
            // Its members that would have stayed leave their power to others.
            foreach (var unit in staying)
            {
                var pool = after.Fleet.FindPool(unit.Node.Pool)!;
                at.MilliwattsLeft[pool.Site.Index] += DrawOf(placement.Request.Unit, pool);
            }

            (moving, staying) = ([.. placement.Units], []);
        }

        if (staying.Count > 0) after.Add(placement with { Units = staying.ToSeq(), Move = null });
        return new Displaced
        {
            Placement = placement, Request = law.Shape(placement.Request, at.AsOf).Request,
            Moving = moving.ToSeq(), Staying = staying.ToSeq(), IsUnlawful = unlawful,
        };
    }

    private static bool TakePower(UnitNeed need, FleetPool pool, long[] milliwattsLeft)
    {
        var draw = DrawOf(need, pool);
        if (milliwattsLeft[pool.Site.Index] < draw) return false;
        milliwattsLeft[pool.Site.Index] -= draw;
        return true;
    }

    private static long DrawOf(UnitNeed need, FleetPool pool) =>
        pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli);
}
