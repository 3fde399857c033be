using ControlPlane.Regions;

namespace ControlPlane.Server.Identity;

/// <summary>Says how far a caller sees: tenants and regions whose things exist for it; null is every one.</summary>
internal sealed record Sight(Seq<string>? Tenants, Seq<string>? Regions)
{
    /// <summary>What a caller sees by a permission.</summary>
    public static Sight Of(Caller caller, Permission permission, Fleet fleet) =>
        new(caller.TenantsSeen(permission), caller.RegionsSeen(fleet));

    /// <summary>What a caller may change: only what is its tenants' own.</summary>
    public static Sight OfOwn(Caller caller, Fleet fleet) => new(caller.Tenants, caller.RegionsSeen(fleet));

    /// <summary>Whether nothing is hidden, so that nobody has to look whose something is.</summary>
    public bool IsWhole => Tenants is null && Regions is null;

    /// <summary>Narrowed to one tenant, when one is named.</summary>
    public Sight To(string? tenant) => tenant is null
        ? this
        : this with { Tenants = Tenants is not { } seen || seen.Contains(tenant) ? [tenant] : [] };

    public bool SeesTenant(string tenant) => Tenants is not { } seen || seen.Contains(tenant);

    public bool SeesRegion(string region) => Regions is not { } seen || seen.Contains(region);
}
