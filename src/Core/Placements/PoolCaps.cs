using ControlPlane.Regions;

namespace ControlPlane.Placements;

/// <summary>
/// Tells which pools reserves and quotas let all units of a request into, for work that goes into one pool.
/// </summary>
internal sealed class PoolCaps(Question question, bool withQuota)
{
    private readonly Dictionary<int, Caps> ofModels = [];

    public bool LetIn(FleetPool pool)
    {
        var (units, sku) = (question.Request.Units, question.Request.Unit.NeedsAccelerator ? pool.Sku : null);
        var model = sku is null ? -1 : pool.SkuIndex;
        if (!ofModels.TryGetValue(model, out var caps))
            ofModels.Add(model, caps = new Caps(question, sku) { WithQuota = withQuota });
        return !caps.LimitUnits || (caps.Total().Units >= units
            && caps.Of(pool.Region).Units >= units && caps.Of(pool.Site).Units >= units);
    }
}
