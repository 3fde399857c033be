namespace ControlPlane.Regions.Stacks;

/// <summary>Names of the tags and labels that tell what a resource belongs to.</summary>
public static class PlanTags
{
    public const string Cluster = "cplane-cluster";
    public const string Jurisdiction = "cplane-jurisdiction";
    public const string Operator = "cplane-operator";
    public const string Pool = "cplane-pool";
    public const string Region = "cplane-region";
    public const string Site = "cplane-site";
    public const string Sku = "cplane-sku";
    public const string Tenant = "cplane-tenant";

    /// <summary>Tags that a resource in a cloud must carry.</summary>
    public static Seq<string> Demanded { get; } = [Cluster, Jurisdiction, Operator, Region, Site];
}
