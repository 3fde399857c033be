using ControlPlane.Inventory;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>Judges every pool of the fleet by every rule, none skipped, for people who ask why.</summary>
internal static class Trials
{
    public static Seq<Trial> Judge(Question question, PlacementDecision decision, Seq<Verdict> demands)
    {
        var (world, law, request, asOf) = question;
        var subject = LawSubject.Of(request);
        var lawByPool = world.Fleet.Pools
            .Select(pool => law.Judge(pool, subject, asOf).Concat(demands).ToSeq()).ToList();
        var missed = Dependencies.Missed(world, request);
        var usable = world.Fleet.Pools
            .Where(pool => missed(pool) is null && IsUsable(world, pool, lawByPool[pool.Index], request)).ToList();
        var placed = decision is Placed units ? units.Units.CountBy(unit => unit.Node.Pool).ToDictionary() : [];
        var context = new Context(question, decision, placed, Placer.MostUnits(question, usable))
        {
            Missed = missed,
        };
        return world.Fleet.Pools.Select(pool => Judge(context, pool, lawByPool[pool.Index])).ToSeq();
    }

    private static bool IsUsable(World world, FleetPool pool, Seq<Verdict> law, PlacementRequest request) =>
        law.All(verdict => verdict.Result != VerdictResult.Denied)
        && world.Sites.IsOpen(pool.Site)
        && Capability.Suffices(pool, request.Unit);

    private static Trial Judge(Context context, FleetPool pool, Seq<Verdict> law)
    {
        var verdicts = new List<Verdict>(law);
        verdicts.Add(Health(context.Question.World, pool.Site));
        if (context.Missed(pool) is { } missed) verdicts.Add(Apart(missed, pool));
        var capability = Capability.Denials(pool, context.Question.Request.Unit);
        verdicts.AddRange(capability);
        if (capability.Count == 0) verdicts.AddRange(RoomVerdicts.Judge(context.Question, pool, context.CapsOf(pool)));
        if (Preempts(context, pool) is { } preempts)
        {
            // What is missing now is there once the others have ended.
            verdicts = verdicts.ConvertAll(verdict => verdict is
                { Kind: VerdictKind.Capacity, Result: VerdictResult.Denied }
                ? verdict with { Result = VerdictResult.Advised, Relaxation = null }
                : verdict);
            verdicts.Add(preempts);
        }

        var open = verdicts.TrueForAll(verdict => verdict.Result != VerdictResult.Denied);
        if (open) verdicts.Add(Outcome(context, pool));
        return new Trial
        {
            Pool = pool.Id,
            Cluster = pool.Cluster.Id,
            Site = pool.Site.Id,
            Region = pool.Region.Id,
            Verdicts = verdicts.ToSeq(),
            Units = context.Placed.GetValueOrDefault(pool.Id),
            Score = open ? ScoreOf(context.Question, pool) : null,
        };
    }

    private static Verdict Health(World world, FleetSite site)
    {
        if (!Placer.IsActive(site))
            return new(VerdictKind.Health, ReasonCode.SiteNotActive, "site", VerdictResult.Denied,
                $"{site.Id} is {site.Spec.Status.ToString().ToLowerInvariant()} and takes no workloads yet");
        if (world.Sites.Find(site.Id) is not { IsOpen: false } condition)
            return new(VerdictKind.Health, ReasonCode.SiteNotActive, "site", VerdictResult.Allowed,
                $"{site.Id} is active");
        return condition.Health == SiteHealth.Healthy
            ? new(VerdictKind.Health, ReasonCode.SiteCordoned, "site", VerdictResult.Denied,
                $"{site.Id} is closed by an operator: {condition.Statement}")
            : new(VerdictKind.Health, ReasonCode.SiteNotHealthy, "site", VerdictResult.Denied,
                $"{site.Id} is {condition.Health.ToString().ToLowerInvariant()} and takes nothing new");
    }

    private static Verdict? Preempts(Context context, FleetPool pool)
    {
        if (context.Decision is not Placed { Preempted: { Count: > 0 } victims }
            || !context.Placed.ContainsKey(pool.Id))
            return null;
        var right = PreemptionTerms.Of(context.Question)!; // it was decided by one
        var rules = victims.Select(id => right.RuleFor(context.Question.World.Find(id)!, pool)).Distinct()
            .Order(StringComparer.Ordinal);
        return new(VerdictKind.Preference, ReasonCode.Preempts, string.Join(", ", rules), VerdictResult.Allowed,
            $"{victims.Count} placement(s) of lower priority end to make room: {string.Join(", ", victims)}");
    }

    private static Verdict Apart(Dependency missed, FleetPool pool) => new(
        VerdictKind.Capacity, ReasonCode.Dependency, "dependsOn", VerdictResult.Denied,
        $"'{missed.Workload}', which it needs near, runs at no "
        + (missed.Within == DependencyScope.Site ? $"node of {pool.Site.Id}" : $"site of {pool.Region.Id}"));

    private static Verdict Outcome(Context context, FleetPool pool)
    {
        var units = context.Placed.GetValueOrDefault(pool.Id);
        if (units > 0)
        {
            return new(VerdictKind.Preference, ReasonCode.Chosen, "score", VerdictResult.Allowed,
                $"{units} of {context.Question.Request.Units} unit(s) run here");
        }

        if (context.Decision is Placed)
            return new(VerdictKind.Preference, ReasonCode.Outranked, "score", VerdictResult.Allowed,
                "allowed, another place costs less");
        return Short(context);
    }

    /// <summary>The pool itself has room, all such pools together do not, or not spread as asked.</summary>
    private static Verdict Short(Context context)
    {
        var request = context.Question.Request;
        if (context.MostUnits >= request.Units && request.Spread is { } spread)
        {
            return new(VerdictKind.Capacity, ReasonCode.Spread, "spread", VerdictResult.Denied,
                $"room for {request.Units} units, but not over {spread.MinDomains} "
                + $"{spread.Over.ToString().ToLowerInvariant()}s with a skew of {spread.MaxSkew}")
            {
                Relaxation = FewerDomains(context.Question, spread),
            };
        }

        return new(VerdictKind.Capacity, ReasonCode.Units, "units", VerdictResult.Denied,
            $"room for {context.MostUnits} of {request.Units} units over all places that may be used")
        {
            Relaxation = context.MostUnits == 0 ? null : new("units", $"{request.Units}", $"{context.MostUnits}",
                (request.Units - context.MostUnits) * 1000L / request.Units),
        };
    }

    /// <summary>As few as the policies leave open; null when they demand what the request asks for.</summary>
    private static Relaxation? FewerDomains(Question question, SpreadNeed spread)
    {
        var least = question.Law.Shape(question.Request with { Spread = spread with { MinDomains = 1 } }, question.AsOf)
            .Request.Spread!.MinDomains;
        return least < spread.MinDomains ? new("spread.minDomains", $"{spread.MinDomains}", $"{least}", 1000) : null;
    }

    private static Score ScoreOf(Question question, FleetPool pool) =>
        Score.Of(question.World, pool, question.Request, question.Law.Policies.Preferences);

    private sealed record Context(
        Question Question, PlacementDecision Decision, Dictionary<NodePoolId, int> Placed, int MostUnits)
    {
        private readonly Dictionary<int, (Caps Binding, Caps Advised)> caps = [];

        /// <summary>The first workload that is needed and not near a pool.</summary>
        public required Func<FleetPool, Dependency?> Missed { get; init; }

        /// <summary>Caps for the model of a pool: those that bind and those that policies only advise.</summary>
        public (Caps Binding, Caps Advised) CapsOf(FleetPool pool)
        {
            var sku = Question.Request.Unit.NeedsAccelerator ? pool.Sku : null;
            var key = sku is null ? -1 : pool.SkuIndex;
            if (!caps.TryGetValue(key, out var known))
            {
                known = (new Caps(Question, sku), new Caps(Question, sku, Enforcement.Advisory));
                caps.Add(key, known);
            }

            return known;
        }
    }
}
