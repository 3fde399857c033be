using ControlPlane.Inventory;

namespace ControlPlane;

/// <summary>Sums up what work of each band of priority uses, beside the state itself.</summary>
public sealed partial class World
{
    /// <summary>What work of each band of priority uses, and where it is; made when it is first asked for.</summary>
    internal PriorityBands Bands
    {
        get
        {
            if (bands is not null) return bands;
            bands = new PriorityBands(Fleet);
            foreach (var placement in placements)
            {
                foreach (var unit in Occupied(placement).Span)
                    bands.Add(Fleet.FindPool(unit.Node.Pool)!, unit, placement, 1);
            }

            return bands;
        }
    }
}
