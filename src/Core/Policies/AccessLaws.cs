using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>Tells by which state's law the controllers of a place can be compelled to hand over data.</summary>
public static class AccessLaws
{
    /// <summary>Why a law reaches a cluster, in a sentence; null when it does not.</summary>
    public static string? WhyReached(Fleet fleet, FleetCluster cluster, AccessLawId law)
    {
        foreach (var controller in cluster.Controllers)
        {
            if (Of(fleet, controller.Seat).Contains(law))
                return $"{law} reaches {controller.Name}, seated in {controller.Seat}";
        }

        var country = cluster.Site.Spec.Country;
        return Of(fleet, country).Contains(law) ? $"{law} reaches the site, which stands in {country}" : null;
    }

    /// <summary>Every law that reaches a cluster, ordered.</summary>
    public static Seq<AccessLawId> Reaching(Fleet fleet, FleetCluster cluster) =>
        cluster.Controllers.Select(controller => controller.Seat)
            .Append(cluster.Site.Spec.Country)
            .SelectMany(seat => Of(fleet, seat))
            .Distinct()
            .Order()
            .ToSeq();

    private static Seq<AccessLawId> Of(Fleet fleet, JurisdictionId seat) =>
        fleet.FindJurisdiction(seat)?.AccessLaws ?? [];
}
