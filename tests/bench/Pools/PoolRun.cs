using ControlPlane.Inventory;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Bench.Pools;

/// <summary>A way to choose a place for a request on a world as it is.</summary>
internal delegate PoolChoice? Chooser(int request);

/// <summary>
/// Decides random requests one after the other on a world of its own; each takes what it is given and, once the world
/// is as full as wanted, gives back the oldest.
/// </summary>
internal sealed class PoolRun(BenchWorld made, IReadOnlyList<PlacementRequest> requests)
{
    private readonly NodeColumns nodes = made.World.Nodes;
    private readonly Queue<(int Pool, UnitBinding Unit, UnitNeed Need)> held = new(1 << 16);
    private int next;

    /// <summary>One number for every place chosen so far.</summary>
    public ulong Digest { get; private set; } = 14695981039346656037UL;

    public int Refused { get; private set; }

    /// <summary>Fills until a share of the accelerators is in use.</summary>
    public void Fill(Chooser choose, int percent)
    {
        var installed = made.World.Fleet.Pools.Sum(pool => pool.AcceleratorMilli);
        var target = installed * percent / 100;
        long used = 0;
        for (var tries = 0; used < target && tries < installed / 1000 * 2; tries++)
        {
            var request = requests[next];
            if (Take(choose(next)) is var taken && taken) used += request.Unit.AcceleratorMilli;
            next = (next + 1) % requests.Count;
        }

        held.EnsureCapacity(held.Count + 1024);
        Digest = 14695981039346656037UL;
        Refused = 0;
    }

    /// <summary>Whether a refusal gives something back too, so that the world never stays full.</summary>
    public bool GiveWhenRefused { get; set; } = true;

    public void Decide(Chooser choose, int count)
    {
        for (var each = 0; each < count; each++)
        {
            if ((Take(choose(next)) || GiveWhenRefused) && held.TryDequeue(out var oldest))
                nodes.Give(oldest.Pool, oldest.Unit, oldest.Need);
            next = (next + 1) % requests.Count;
        }
    }

    /// <summary>Starts the requests from the first.</summary>
    public void Rewind() => next = 0;

    private bool Take(PoolChoice? choice)
    {
        var chosen = choice is { } at ? (ulong)((at.Pool.Index * 64) + at.Node) : ulong.MaxValue;
        Digest = (Digest ^ chosen) * 1099511628211UL;
        if (choice is not { } found)
        {
            Refused++;
            return false;
        }

        var need = requests[next].Unit;
        var unit = NodeChoice.BindOne(made.World, found.Pool, found.Node, need);
        nodes.Take(found.Pool.Index, unit, need);
        held.Enqueue((found.Pool.Index, unit, need));
        return true;
    }

    /// <summary>The walk: one for each class of requests, made before the clock starts.</summary>
    public static Chooser Walk(BenchWorld made, IReadOnlyList<PlacementRequest> requests)
    {
        var walks = new Dictionary<PlacementRequest, PoolWalk>();
        var of = requests.Select(request =>
        {
            if (!walks.TryGetValue(request, out var walk))
            {
                var question = new Question(made.World, made.Law, request, BenchWorld.AsOf);
                walk = new PoolWalk(question, Placer.Usable(question, LawSubject.Of(request)));
                walks.Add(request, walk);
            }

            return walk;
        }).ToArray();
        return request => of[request].Find(made.World);
    }

    /// <summary>Every pool is looked at, with the law compiled to sets: the decision as it is defined.</summary>
    public static Chooser Scan(BenchWorld made, IReadOnlyList<PlacementRequest> requests) => request =>
    {
        var question = new Question(made.World, made.Law, requests[request], BenchWorld.AsOf);
        return Placer.Scan(question, LawSubject.Of(requests[request])) is Placed placed
            ? ChoiceOf(made.World.Fleet, placed)
            : null;
    };

    /// <summary>What the API calls: the class of a request is looked up and a decision made of the choice.</summary>
    public static Chooser Decide(BenchWorld made, IReadOnlyList<PlacementRequest> requests) => request =>
        Placer.Decide(made.World, made.Law, requests[request], BenchWorld.AsOf) is Placed placed
            ? ChoiceOf(made.World.Fleet, placed)
            : null;

    /// <summary>A plain loop over all pools that asks every rule of law about each that could serve.</summary>
    public static Chooser Rules(BenchWorld made, IReadOnlyList<PlacementRequest> requests) => index =>
    {
        var request = requests[index];
        var subject = LawSubject.Of(request);
        PoolChoice? best = null;
        foreach (var pool in made.World.Fleet.Pools)
        {
            if (!Placer.IsActive(pool.Site) || !Capability.Suffices(pool, request.Unit)) continue;
            var verdicts = made.Law.Judge(pool, subject, BenchWorld.AsOf);
            if (verdicts.Any(verdict => verdict.Result == VerdictResult.Denied)) continue;
            var node = NodeChoice.Best(made.World, pool, request);
            if (node < 0) continue;
            var cost = Score.Of(made.World, pool, request, made.Law.Policies.Preferences).Cost;
            if (best is not { } least || cost < least.Cost) best = new PoolChoice(pool, node, cost);
        }

        return best;
    };

    private static PoolChoice ChoiceOf(Fleet fleet, Placed placed) =>
        // The decision was made on this fleet, so its pool is there.
        new(fleet.FindPool(placed.Units[0].Node.Pool)!, placed.Units[0].Node.Ordinal, placed.Score);
}
