using System.Runtime.InteropServices;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Decides where a workload may run. The same arguments always give the same decision: there is no clock, no chance
/// and no memory here that could change an answer. Stages: law, health, capability, room, score, choice.
/// </summary>
public static class Placer
{
    /// <summary>Decides a request on a world under a law. The world is only read.</summary>
    /// <param name="asOf">The instant the decision is made for: claims, policies and power phases of that day
    /// count.</param>
    public static PlacementDecision Decide(World world, Law law, PlacementRequest request, DateTimeOffset asOf)
    {
        var shaped = law.Shape(request, asOf);
        if (shaped.IsDenied) return new Refused(RefusalReason.NoLawfulRegion);
        var question = new Question(world, law, shaped.Request, asOf);
        var subject = LawSubject.Of(request);
        // What needs others near looks at every pool that is, and nothing ends for it.
        if (request.DependsOn.Count > 0) return Scan(question, subject);
        if (Walk(question, subject) is { } walked) return OrPreempt(question, subject, walked);
        // What was refused for good, and why, holds until the world changes.
        return WalkMemory.Of(question).RefusalOf(world, request, asOf)?.Decision
            ?? OrPreempt(question, subject, Scan(question, subject));
    }

    /// <summary>
    /// Decides a request among some pools only, as a move does that must not lead just anywhere. Every pool is looked
    /// at.
    /// </summary>
    public static PlacementDecision DecideWithin(
        World world, Law law, (PlacementRequest Request, DateTimeOffset AsOf) asked, Func<FleetPool, bool> within)
    {
        var shaped = law.Shape(asked.Request, asked.AsOf);
        if (shaped.IsDenied) return new Refused(RefusalReason.NoLawfulRegion);
        var question = new Question(world, law, shaped.Request, asked.AsOf) { Within = within };
        var subject = LawSubject.Of(asked.Request);
        return OrPreempt(question, subject, Scan(question, subject));
    }

    /// <summary>Decides for what has lost its place: reserves that policies keep for that are open to it.</summary>
    /// <param name="world">The world; it is only read.</param>
    /// <param name="law">The law.</param>
    /// <param name="asked">What has lost its place, and the instant.</param>
    /// <param name="within">Pools that may be chosen; null when all may.</param>
    public static PlacementDecision DecideFailover(
        World world, Law law, (PlacementRequest Request, DateTimeOffset AsOf) asked, Func<FleetPool, bool>? within)
    {
        var shaped = law.Shape(asked.Request, asked.AsOf);
        if (shaped.IsDenied) return new Refused(RefusalReason.NoLawfulRegion);
        var question = new Question(world, law, shaped.Request, asked.AsOf) { Within = within, IsFailover = true };
        var subject = LawSubject.Of(asked.Request);
        return OrPreempt(
            question, subject, (within is null ? Walk(question, subject) : null) ?? Scan(question, subject));
    }

    /// <summary>
    /// Decides among some pools, and ends nothing for it: for what is not settled to go there even when it could.
    /// </summary>
    /// <param name="world">The world; it is only read.</param>
    /// <param name="law">The law.</param>
    /// <param name="asked">The request, the instant, and whether reserves that are kept for losses are open to it.
    /// </param>
    /// <param name="within">Pools that may be chosen.</param>
    internal static PlacementDecision DecideBeside(
        World world, Law law, (PlacementRequest Request, DateTimeOffset AsOf, bool IsFailover) asked,
        Func<FleetPool, bool> within)
    {
        var shaped = law.Shape(asked.Request, asked.AsOf);
        if (shaped.IsDenied) return new Refused(RefusalReason.NoLawfulRegion);
        var question = new Question(world, law, shaped.Request, asked.AsOf)
        {
            Within = within, IsFailover = asked.IsFailover,
        };
        return Scan(question, LawSubject.Of(asked.Request));
    }

    /// <summary>Where only room is missing, the way to make some that policies allow; else what was decided.</summary>
    private static PlacementDecision OrPreempt(Question question, LawSubject subject, PlacementDecision decided) =>
        decided is Refused { Reason: RefusalReason.NoCapacity } && Preemption.Find(question, subject) is { } placed
            ? placed
            : decided;

    /// <summary>Looks at every pool: the decision as it is defined, which the walk is held against.</summary>
    internal static PlacementDecision Scan(Question question, LawSubject subject)
    {
        var (world, law, _, asOf) = question;
        var lawful = law.LawfulPools(subject, asOf);
        if (lawful.Count == 0)
        {
            var contradicts = law.ContradictingClauses(subject, asOf).Count > 0;
            return new Refused(contradicts ? RefusalReason.PolicyContradiction : RefusalReason.NoLawfulRegion);
        }

        var active = Active(world, lawful);
        if (question.Within is { } within) active.RemoveAll(pool => !within(pool));
        if (active.Count == 0) return new Refused(RefusalReason.NoActiveSite);
        if (Dependencies.Near(world, question.Request) is { } near) active.RemoveAll(pool => !near(pool));
        if (active.Count == 0) return new Refused(RefusalReason.DependencyUnmet);
        var capable = Capable(active, question.Request.Unit);
        if (capable.Count == 0) return new Refused(RefusalReason.NoCapableHardware);

        return Among(question, capable);
    }

    /// <summary>The decision among pools that law, health and capability leave.</summary>
    private static PlacementDecision Among(Question question, List<FleetPool> capable)
    {
        if (Cheapest(question, capable, withQuota: true) is { } given) return Bind(question, given, []);
        var onlyQuota = Cheapest(question, capable, withQuota: false) is not null;
        return new Refused(onlyQuota ? RefusalReason.QuotaExceeded : RefusalReason.NoCapacity);
    }

    /// <summary>
    /// Decides and says why: the verdict of every rule on every pool, and the smallest change of the request that the
    /// law permits and that would be granted. The decision is the one that <see cref="Decide"/> makes. A refusal is
    /// explained once for all requests that are alike until the world changes.
    /// </summary>
    public static Explanation Explain(World world, Law law, PlacementRequest request, DateTimeOffset asOf)
    {
        var shaped = law.Shape(request, asOf);
        var question = new Question(world, law, shaped.Request, asOf);
        var memory = WalkMemory.Of(question);
        if (memory.RefusalOf(world, request, asOf) is { } known) return known;
        var explanation = Explain(question, request, shaped.Verdicts);
        if (explanation.Decision is Refused) memory.Remember(world, (request, asOf), explanation);
        return explanation;
    }

    private static Explanation Explain(Question question, PlacementRequest request, Seq<Verdict> demands)
    {
        var (world, law, _, asOf) = question;
        var decision = Decide(world, law, request, asOf);
        var trials = Trials.Judge(question, decision, demands);
        var nearest = decision is Refused ? NearestChange.Find(question, trials) : null;
        var clauses = decision is Refused { Reason: RefusalReason.PolicyContradiction }
            ? law.ContradictingClauses(LawSubject.Of(request), asOf)
            : [];
        return new Explanation(decision, trials, nearest, clauses)
        {
            Barred = decision is Refused { Reason: RefusalReason.NoCapacity }
                ? Preemption.Barred(question, LawSubject.Of(request))
                : null,
        };
    }

    /// <summary>
    /// The decision made without looking at every pool; null for a class of requests that comes for the first time.
    /// </summary>
    private static PlacementDecision? Walk(Question question, LawSubject subject)
    {
        var request = question.Request;
        var isGang = request.Kind == WorkloadKind.Gang;
        if (!isGang && (request.Spread is not null || request.Units != 1)) return WalkUnits(question, subject);
        if (request.Spread is not null) return null;
        if (WalkMemory.Of(question).For(question, subject) is not { } walk) return null;
        // That there is no pool for the class at all stays so until law, fleet or day change.
        if (walk.Length == 0) return walk.Refusal ??= Scan(question, subject);
        if (walk.Find(question.World) is not { } found) return new Refused(RefusalReason.NoCapacity);
        // The cheapest place is the answer unless a cap is in its way; then it is the cheapest that caps let in.
        if (walk.IsCapped || question.World.Reservations.All.Count > 0)
        {
            var caps = new PoolCaps(question, withQuota: true);
            if (!caps.LetIn(found.Pool))
            {
                if (walk.Find(question.World, caps) is not { } other) return RefusedByCaps(question, walk);
                found = other;
            }
        }

        if (isGang) return Bind(question, found);
        var bound = NodeChoice.BindOne(
            question.World, question.Law.Policies.Preferences, (found.Pool, found.Node), request.Unit);
        return new Placed([bound], found.Cost)
        {
            Isolation = request.Isolation,
        };
    }

    /// <summary>The refusal where there is room, but nothing that caps let in.</summary>
    private static Refused RefusedByCaps(Question question, PoolWalk walk) => new(
        walk.Find(question.World, new PoolCaps(question, withQuota: false)) is null
            ? RefusalReason.NoCapacity
            : RefusalReason.QuotaExceeded);

    private static PlacementDecision? WalkUnits(Question question, LawSubject subject)
    {
        if (WalkMemory.Of(question).UnitsFor(question, subject) is not { } walk) return null;
        if (walk.Length == 0) return walk.Refusal ??= Scan(question, subject);
        return walk.Find(question);
    }

    /// <summary>Every pool that the law allows, that takes workloads and that can do what a unit needs.</summary>
    internal static List<FleetPool> Usable(Question question, LawSubject subject) => Capable(
        Active(question.World, question.Law.LawfulPools(subject, question.AsOf)), question.Request.Unit);

    private static List<FleetPool> Capable(List<FleetPool> active, UnitNeed need) =>
        active.FindAll(pool => Capability.Suffices(pool, need));

    private static List<FleetPool> Active(World world, PoolSet lawful) =>
        world.Fleet.Pools.Where(pool => lawful.Contains(pool.Index) && world.Sites.IsOpen(pool.Site)).ToList();

    internal static bool IsActive(FleetSite site) => site.Spec.Status == SiteStatus.Active;

    /// <summary>Most units of the request that fit at once on one model, over the models.</summary>
    internal static int MostUnits(Question question, List<FleetPool> capable) =>
        (int)Math.Min(int.MaxValue, BySku(question, capable)
            .Select(group => Candidates.Gather(question, group.Sku, group.Pools).MostUnits)
            .DefaultIfEmpty(0)
            .Max());

    /// <summary>
    /// The pools of the cheapest split over the models; every unit of a placement runs on one model.
    /// </summary>
    private static List<Candidate>? Cheapest(Question question, List<FleetPool> capable, bool withQuota)
    {
        List<Candidate>? best = null;
        var bestCost = long.MaxValue;
        foreach (var (sku, pools) in BySku(question, capable))
        {
            var candidates = Candidates.Gather(question, sku, pools, withQuota);
            if (!UnitSplit.TrySplit(question, candidates)) continue;
            var given = candidates.Pools.Where(pool => pool.Units > 0).ToList();
            var cost = CostOf(given);
            if (cost < bestCost) (best, bestCost) = (given, cost);
        }

        return best;
    }

    internal static IEnumerable<(Sku? Sku, List<FleetPool> Pools)> BySku(Question question, List<FleetPool> capable) =>
        question.Request.Unit.NeedsAccelerator
            ? capable.GroupBy(pool => pool.SkuIndex).OrderBy(group => group.Key)
                .Select(group => (group.First().Sku, group.ToList()))
            : [(null, capable)];

    /// <summary>What the units that were given to pools cost.</summary>
    internal static long CostOf(List<Candidate> given)
    {
        var cost = 0L;
        foreach (var pool in given) cost += pool.Units * pool.Cost;
        return cost;
    }

    private static Placed Bind(Question question, PoolChoice gang)
    {
        var units = question.Request.Units;
        var bindings = new List<UnitBinding>(units);
        BindIn(question, (gang.Pool, units), bindings);
        return PlacedAs(question, bindings, units * gang.Cost);
    }

    /// <summary>Binds the units that were given to pools to nodes.</summary>
    /// <param name="question">What was asked.</param>
    /// <param name="given">The pools; they are left in another order.</param>
    /// <param name="bindings">Room to collect the units in.</param>
    internal static Placed Bind(Question question, List<Candidate> given, List<UnitBinding> bindings)
    {
        bindings.Clear();
        given.Sort(static (one, other) => one.Pool.Id.CompareTo(other.Pool.Id));
        foreach (var pool in given) BindIn(question, (pool.Pool, pool.Units), bindings);
        return PlacedAs(question, bindings, CostOf(given));
    }

    /// <summary>Binds units to nodes of one pool, ordered by node and accelerators.</summary>
    private static void BindIn(Question question, (FleetPool Pool, int Units) given, List<UnitBinding> bindings)
    {
        var first = bindings.Count;
        NodeChoice.Bind(question, given.Pool, given.Units, bindings);
        CollectionsMarshal.AsSpan(bindings)[first..].Sort(static (one, other) =>
            (one.Node.Ordinal, one.Devices).CompareTo((other.Node.Ordinal, other.Devices)));
    }

    private static Placed PlacedAs(Question question, List<UnitBinding> bindings, long cost) =>
        new(Seq.Create<UnitBinding>(CollectionsMarshal.AsSpan(bindings)), cost)
        {
            Isolation = question.Request.Isolation,
        };
}
