namespace ControlPlane.Policies.Stacks;

/// <summary>
/// Refuses replication, backup and log export that would bring data out of the region's jurisdiction.
/// </summary>
public sealed record CopyAbroadRule : PlanRule
{
    // Fields that name a place which data goes to.
    private static readonly Seq<string> PlaceFields =
    [
        "backupRegion", "destinationRegion", "failoverLocation", "failoverLocations", "peerRegion", "regionName",
        "replicaRegion", "secondaryLocation", "serviceRegion", "sourceRegion", "targetRegion",
    ];

    // What Azure calls storage that it copies to the paired region.
    private static readonly Seq<string> PairedReplication = ["GRS", "RAGRS", "GZRS", "RAGZRS", "GeoRedundant", "Geo"];

    private static readonly Seq<string> PairedFields =
        ["accountReplicationType", "geoRedundantBackupEnabled", "redundancy", "storageModeType"];

    public override string Name => "no-copies-abroad";

    public override string Demand => "No replication, backup or log export leaves the region's jurisdiction.";

    public override string Remedy => "Keep copies and logs in a region of the same jurisdiction, or in none.";

    public override PlanSeverity Severity => PlanSeverity.Critical;

    public override IEnumerable<PlanFinding> Judge(PlanCase at, PlannedResource resource)
    {
        if (resource.Package is not ("aws" or "azure" or "gcp") || resource.IsProvider) yield break;
        foreach (var finding in Switches(resource)) yield return finding;
        foreach (var (path, field, value) in PlanPaths.All(resource.Properties))
        {
            if (IsPlace(resource.Type, path, field))
            {
                if (value.IsUnknown) yield return Undecided(resource, path);
                else if (value.Text is { } place && at.WhyOutside(resource.Package, place) is { } outside)
                    yield return Broken(resource, $"{path}: {outside}");
            }
            else if (value.Text is { } text && RegionOf(text) is { } region && at.WhyOutside("aws", region) is { } far)
            {
                yield return Broken(resource, $"{path} names {text}: {far}");
            }
        }
    }

    private IEnumerable<PlanFinding> Switches(PlannedResource resource)
    {
        var properties = resource.Properties;
        if (properties["multiRegion"].Flag == true)
            yield return Broken(resource, "multiRegion is true; the key's material could be copied to any region");
        if (properties["multiRegion"].IsUnknown) yield return Undecided(resource, "multiRegion");
        foreach (var field in PairedFields)
        {
            var value = properties[field];
            if (value.Text is { } kind && PairedReplication.Contains(kind))
                yield return Broken(
                    resource, $"{field} is {kind}, which copies to a paired region that the provider chooses");
            if (value.Flag == true) yield return Broken(resource, $"{field} is true, which copies to a paired region");
            if (value.IsUnknown) yield return Undecided(resource, field);
        }

        if (properties["crossRegionRestoreEnabled"].Flag == true)
            yield return Broken(resource, "crossRegionRestoreEnabled is true, which keeps backups in a paired region");
    }

    private static bool IsPlace(string type, string path, string field) =>
        PlaceFields.Contains(field)
        || (path.EndsWith(".location", StringComparison.Ordinal) && Starts(type, "azure:cosmosdb/"))
        || (path == "region" && Starts(type, "aws:kms/replica"));

    private static bool Starts(string type, string prefix) => type.StartsWith(prefix, StringComparison.Ordinal);

    // arn:PARTITION:KIND:REGION:ACCOUNT:NAME; things without a region, such as roles, have that part empty.
    private static string? RegionOf(string text)
    {
        if (!text.StartsWith("arn:", StringComparison.Ordinal)) return null;
        var parts = text.Split(':', 6);
        return parts.Length == 6 && parts[3].Length > 0 && parts[3] != "*" ? parts[3] : null;
    }
}
