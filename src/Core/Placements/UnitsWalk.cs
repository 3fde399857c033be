using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Divides several units of a class of requests, spread or not, to the byte as looking at every pool would, from what
/// is remembered of the sites of each model. Every unit of a placement runs on one model.
/// </summary>
internal sealed class UnitsWalk
{
    private readonly IModelSplit[] models;
    private readonly bool isCapped;
    private readonly List<Candidate> given = [];
    private readonly List<UnitBinding> bindings = [];
    private long refusedAt = -1;

    /// <param name="question">A request of the class, on a world and under a law.</param>
    /// <param name="capable">Every lawful, active and capable pool.</param>
    public UnitsWalk(Question question, List<FleetPool> capable)
    {
        Length = capable.Count;
        isCapped = Caps.MayLimit(question);
        models = Length == 0 ? []
            : [.. Placer.BySku(question, capable).Select(model => ModelOf(question, model.Pools))];
    }

    /// <summary>Pools that the walk remembers something about.</summary>
    public int Length { get; }

    /// <summary>The answer to the whole class when there is no pool to walk; null until it was found.</summary>
    public PlacementDecision? Refusal { get; set; }

    /// <summary>The cheapest way to divide the units over the models.</summary>
    public PlacementDecision Find(Question question)
    {
        var world = question.World;
        var mayBeCapped = isCapped || world.Reservations.All.Count > 0;
        // Where nothing but room is in the way, it stays so until the world changes.
        if (!mayBeCapped && refusedAt == world.Revision) return new Refused(RefusalReason.NoCapacity);
        if (Cheapest(question, mayBeCapped, withQuota: true) is { } best)
        {
            Collect(best);
            return Placer.Bind(question, given, bindings);
        }

        if (!mayBeCapped) refusedAt = world.Revision;
        else if (Cheapest(question, mayBeCapped, withQuota: false) is not null)
            return new Refused(RefusalReason.QuotaExceeded);
        return new Refused(RefusalReason.NoCapacity);
    }

    private static IModelSplit ModelOf(Question question, List<FleetPool> pools) =>
        question.Request.Spread is null ? new AnywhereModel(question, pools) : new SpreadModel(question, pools);

    private IModelSplit? Cheapest(Question question, bool mayBeCapped, bool withQuota)
    {
        IModelSplit? best = null;
        var bestCost = long.MaxValue;
        foreach (var model in models)
        {
            var caps = mayBeCapped ? new Caps(question, model.Sku) { WithQuota = withQuota } : null;
            if (!model.TrySplit(question, caps)) continue;
            if (models.Length == 1) return model;
            Collect(model);
            var cost = Placer.CostOf(given);
            if (cost < bestCost) (best, bestCost) = (model, cost);
        }

        return best;
    }

    /// <summary>Collects the pools that a division gives units to.</summary>
    private void Collect(IModelSplit model)
    {
        given.Clear();
        foreach (var domain in model.Used)
        {
            foreach (var site in domain.Sites)
            {
                foreach (var pool in site.Pools)
                {
                    if (pool.Units > 0) given.Add(pool);
                }
            }
        }
    }
}
