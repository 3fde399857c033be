using ControlPlane.Regions.Stacks;
using Pulumi;
using Pulumi.Azure.Compute.Inputs;
using Pulumi.Azure.KeyVault.Inputs;
using Authorization = Pulumi.Azure.Authorization;
using Compute = Pulumi.Azure.Compute;
using Core = Pulumi.Azure.Core;
using KeyVault = Pulumi.Azure.KeyVault;

namespace ControlPlane.Stacks.Clouds;

/// <summary>Declares the customer's key of a cluster on Azure, its vault, and the disks that it encrypts.</summary>
internal sealed class AzureKeys(AzureClusterPlan plan, CustomResourceOptions options)
{
    private const int KeyBits = 3072;

    private static readonly string[] Ownership =
        ["Create", "Delete", "Get", "GetRotationPolicy", "SetRotationPolicy", "Update"];

    private static readonly string[] Usage = ["Decrypt", "Encrypt", "Get", "UnwrapKey", "WrapKey"];

    public required Core.ResourceGroup Group { get; init; }

    public required Authorization.UserAssignedIdentity Identity { get; init; }

    public required AzureNetwork Network { get; init; }

    public Output<string> KeyId { get; private set; } = null!; // set by Declare

    public Output<string> DiskEncryptionSetId { get; private set; } = null!; // set by Declare

    /// <summary>What has to stand before a cluster can use the key.</summary>
    public Resource Ready { get; private set; } = null!; // set by Declare

    public void Declare()
    {
        var client = Core.GetClientConfig.Invoke(
            new InvokeOptions { Parent = options.Parent, Provider = options.Provider });
        var tenant = client.Apply(known => known.TenantId);
        var vault = Vault(tenant);
        var deployer = Access("deployer", vault, client.Apply(known => known.ObjectId), Ownership);
        var user = Access("cluster", vault, Identity.PrincipalId, Usage);
        var key = new KeyVault.Key($"{plan.Cluster}-key", new KeyVault.KeyArgs
        {
            KeyVaultId = vault.Id,
            KeyType = "RSA-HSM",
            KeySize = KeyBits,
            KeyOpts = { "decrypt", "encrypt", "sign", "unwrapKey", "verify", "wrapKey" },
            RotationPolicy = new KeyRotationPolicyArgs
            {
                Automatic = new KeyRotationPolicyAutomaticArgs { TimeAfterCreation = $"P{KeyPlan.RotationDays}D" },
            },
            Tags = PlanInputs.Of(plan.Tags),
        }, CustomResourceOptions.Merge(
            options, new CustomResourceOptions { Protect = true, DependsOn = { deployer } }));
        var disks = new Compute.DiskEncryptionSet(plan.Cluster.Value, new Compute.DiskEncryptionSetArgs
        {
            ResourceGroupName = Group.Name,
            Location = plan.ProviderRegion,
            KeyVaultKeyId = key.Id,
            Identity = new DiskEncryptionSetIdentityArgs { Type = "UserAssigned", IdentityIds = { Identity.Id } },
            Tags = PlanInputs.Of(plan.Tags),
        }, CustomResourceOptions.Merge(options, new CustomResourceOptions { DependsOn = { user } }));
        (KeyId, DiskEncryptionSetId, Ready) = (key.Id, disks.Id, user);
    }

    private KeyVault.KeyVault Vault(Input<string> tenant) => new(plan.VaultName, new KeyVault.KeyVaultArgs
    {
        ResourceGroupName = Group.Name,
        Location = plan.ProviderRegion,
        TenantId = tenant,
        SkuName = "premium",
        PurgeProtectionEnabled = true,
        SoftDeleteRetentionDays = 90,
        EnabledForDiskEncryption = true,
        NetworkAcls = new KeyVaultNetworkAclsArgs
        {
            DefaultAction = "Deny",
            Bypass = "AzureServices",
            VirtualNetworkSubnetIds = { Network.NodeSubnetId },
        },
        Tags = PlanInputs.Of(plan.Tags),
    }, options);

    private KeyVault.AccessPolicy Access(
        string name, KeyVault.KeyVault vault, Input<string> who, string[] permissions)
    {
        return new KeyVault.AccessPolicy($"{plan.Cluster}-{name}", new KeyVault.AccessPolicyArgs
        {
            KeyVaultId = vault.Id,
            TenantId = vault.TenantId,
            ObjectId = who,
            KeyPermissions = permissions,
        }, options);
    }
}
