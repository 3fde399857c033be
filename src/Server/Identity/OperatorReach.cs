using ControlPlane.Regions;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Identity;

/// <summary>
/// Says whether somebody may act on a region: a region that claims where everyone with privileged access resides lets
/// nobody act who resides elsewhere, or who does not say where.
/// </summary>
internal static class OperatorReach
{
    /// <summary>Permissions by which one acts on places.</summary>
    private static readonly Permission[] acting = [Permission.SitesOperate, Permission.MovesWrite];

    /// <summary>Why the caller may not do on the site or region of a path what the permission allows.</summary>
    public static Problem? Problem((Caller Caller, Permission Needs) who, HttpRequest request, FleetAt at)
    {
        if (!acting.Contains(who.Needs) || RegionOf(request, at.Fleet) is not { } region) return null;
        // What the caller may not even look at is as none; saying who may act there would tell that it exists.
        return who.Caller.Reaches(at.Fleet, region.Spec.Jurisdiction) ? Problem(who.Caller, region, at) : null;
    }

    /// <summary>Why the caller may not act on a region; null when it may.</summary>
    public static Problem? Problem(Caller caller, FleetRegion region, FleetAt at)
    {
        var homes = region.Spec.Claims
            .Where(claim => claim.Kind == ClaimKind.Personnel && claim.HoldsAt(at.AsOf))
            .SelectMany(claim => claim.Jurisdictions).Distinct().ToList();
        if (homes.Count == 0 || caller.ActsAnywhere) return null;
        var claimed = $"region {region.Id} claims that everyone with privileged access resides in "
            + string.Join(", ", homes);
        if (caller.Residence is not { } home)
            return ProblemCatalog.OperatorResidency.At("", $"{claimed}; the token does not say where its bearer does");
        return homes.Exists(outer => at.Fleet.LiesIn(home, outer))
            ? null
            : ProblemCatalog.OperatorResidency.At("", $"{claimed}; the bearer of the token resides in {home}");
    }

    /// <summary>Why the caller may not act on all of the regions that a body names; null when it may.</summary>
    public static Problem? Problem(Caller caller, IEnumerable<FleetRegion> regions, FleetAt at) =>
        regions.Select(region => caller.Reaches(at.Fleet, region.Spec.Jurisdiction)
                ? Problem(caller, region, at)
                : ProblemCatalog.JurisdictionForbidden.At("", $"the token does not reach region {region.Id}"))
            .FirstOrDefault(problem => problem is not null);

    private static FleetRegion? RegionOf(HttpRequest request, Fleet fleet)
    {
        if (request.RouteValues["id"] is not string id) return null;
        var path = request.Path.Value ?? "";
        if (path.StartsWith("/v1/sites/", StringComparison.Ordinal)) return fleet.FindSite(new SiteId(id))?.Region;
        if (path.StartsWith("/v1/nodes/", StringComparison.Ordinal))
            return NodeId.Parse(id) is { } node ? fleet.FindPool(node.Pool)?.Region : null;
        return path.StartsWith("/v1/regions/", StringComparison.Ordinal) ? fleet.FindRegion(new RegionId(id)) : null;
    }
}

/// <summary>The fleet on a day.</summary>
internal sealed record FleetAt(Fleet Fleet, DateTimeOffset AsOf);
