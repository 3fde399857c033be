using ControlPlane.Regions;

namespace ControlPlane.Placements;

/// <summary>Divides units of a class of requests over the pools of one model, again and again.</summary>
internal interface IModelSplit
{
    /// <summary>The model; null for work that needs none.</summary>
    Sku? Sku { get; }

    /// <summary>Domains whose pools have what the last division gave them; each may have pools without units.</summary>
    List<DomainRoom> Used { get; }

    /// <summary>Divides the units; false when there is no way.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="caps">What reserves and quotas let in; null when nothing but room limits the units.</param>
    bool TrySplit(Question question, Caps? caps);
}
