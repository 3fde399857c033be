using ControlPlane.Regions;

namespace ControlPlane.Policies.Stacks;

/// <summary>
/// Demands that disks, secrets and stores are encrypted with a key that the customer holds, where it is claimed to
/// live.
/// </summary>
public sealed record HeldKeyRule : PlanRule
{
    // Where each type names its key. A path with [] stands for every item of a list.
    private static readonly Seq<KeyPlace> Places =
    [
        new("aws:cloudwatch/logGroup:LogGroup", "kmsKeyId"),
        new("aws:dynamodb/table:Table", "serverSideEncryption.kmsKeyArn"),
        new("aws:ebs/snapshot:Snapshot", "kmsKeyId"),
        new("aws:ebs/volume:Volume", "kmsKeyId"),
        new("aws:ec2/launchTemplate:LaunchTemplate", "blockDeviceMappings[].ebs.kmsKeyId"),
        new("aws:ecr/repository:Repository", "encryptionConfigurations[].kmsKey"),
        new("aws:efs/fileSystem:FileSystem", "kmsKeyId"),
        new("aws:eks/cluster:Cluster", "encryptionConfig.provider.keyArn"),
        new("aws:rds/instance:Instance", "kmsKeyId"),
        new("aws:secretsmanager/secret:Secret", "kmsKeyId"),
        new("aws:sqs/queue:Queue", "kmsMasterKeyId"),
        new("azure:compute/diskEncryptionSet:DiskEncryptionSet", "keyVaultKeyId"),
        new("azure:compute/managedDisk:ManagedDisk", "diskEncryptionSetId"),
        new("azure:containerservice/kubernetesCluster:KubernetesCluster", "diskEncryptionSetId"),
        new("azure:containerservice/kubernetesCluster:KubernetesCluster", "keyManagementService.keyVaultKeyId"),
        new("azure:storage/account:Account", "customerManagedKey.keyVaultKeyId"),
    ];

    public override string Name => "customer-held-keys";

    public override string Demand =>
        "Disks, secrets and stores are encrypted with the customer's key, which lives where the region file claims.";

    public override string Remedy =>
        "Name the key of the stack; where the region claims external custody, make it in that store.";

    public override PlanSeverity Severity => PlanSeverity.High;

    public override IEnumerable<PlanFinding> Judge(PlanCase at, PlannedResource resource)
    {
        var places = Places.Where(place => place.Type == resource.Type).ToList();
        foreach (var finding in places.SelectMany(place => Key(resource, place.Path))) yield return finding;
        foreach (var finding in places.SelectMany(place => Imported(at, resource, place.Path))) yield return finding;
        switch (resource.Type)
        {
            case "aws:kms/key:Key":
                if (Custody(at, "aws") >= KeyCustodyLevel.External)
                {
                    foreach (var finding in Key(resource, "customKeyStoreId")) yield return finding;
                }

                break;
            case "azure:keyvault/key:Key":
                var kind = resource.Properties["keyType"];
                if (kind.IsUnknown) yield return Undecided(resource, "keyType");
                else if (kind.Text is not { } type || !type.EndsWith("-HSM", StringComparison.Ordinal))
                    yield return Broken(
                        resource, $"keyType is {kind.Text ?? "not given"}; a key in hardware ends in -HSM");
                break;
            default:
                if (places.Count == 0)
                    yield return NotApplicable(resource, "it holds no data that a key of its own protects");
                break;
        }
    }

    private IEnumerable<PlanFinding> Key(PlannedResource resource, string path)
    {
        var found = PlanPaths.Find(resource.Properties, path).ToList();
        foreach (var (where, value) in found)
        {
            if (value.IsUnknown) continue;
            if (value.Text is not { Length: > 0 } key)
                yield return Broken(resource, $"{where} is missing, so the provider's own key would encrypt it");
            else if (key.Contains("alias/aws/", StringComparison.Ordinal))
                yield return Broken(resource, $"{where} is {key}, a key of the provider");
        }

        // A key that is made in the same update has no id yet; that it is the customer's is seen on the key itself.
    }

    // Once a cluster's key is written down, another one is a change that a person has to mean.
    private IEnumerable<PlanFinding> Imported(PlanCase at, PlannedResource resource, string path)
    {
        var held = at.Clusters.Where(cluster => cluster.Spec.Provider == resource.Package).ToList();
        if (held.Count == 0 || held.Any(cluster => cluster.Spec.KeyId is null)) yield break;
        if (path.EndsWith("diskEncryptionSetId", StringComparison.Ordinal)) yield break;
        foreach (var (where, value) in PlanPaths.Find(resource.Properties, path))
        {
            if (value.Text is { Length: > 0 } key && held.All(cluster => cluster.Spec.KeyId != key))
                yield return Broken(resource, $"{where} is {key}; the region file holds {held[0].Spec.KeyId}");
        }
    }

    private static KeyCustodyLevel? Custody(PlanCase at, string provider) => at.Clusters
        .Where(cluster => cluster.Spec.Provider == provider)
        .SelectMany(cluster => cluster.Claims)
        .Where(claim => claim.Kind == ClaimKind.KeyCustody && claim.HoldsAt(at.AsOf))
        .Max(claim => claim.Custody);

    private sealed record KeyPlace(string Type, string Path);
}
