// A cluster on Azure from its plan; the twin of stacks/Clouds/Azure*.cs.
"use strict";
const path = require("path");
const load = (name) => require(path.join(process.env.CONFORMANCE_MODULES, name));
const pulumi = load("@pulumi/pulumi");
const azure = load("@pulumi/azure");
const k8s = load("@pulumi/kubernetes");
const { entries, tags, poolTags } = require("./stack-plan.cjs");

class AzureCluster extends pulumi.ComponentResource {
  constructor(plan, subscriptionId) {
    super("control-plane:clouds:AzureCluster", plan.Cluster.Value, {}, {});
    this.plan = plan;
    this.name = plan.Cluster.Value;
    this.tags = tags(plan);
    const provider = new azure.Provider(this.name, {
      environment: plan.Partition === "azure-us-gov" ? "usgovernment" : "public", subscriptionId,
    }, { parent: this });
    this.options = { parent: this, provider };
    this.group = new azure.core.ResourceGroup(this.name, {
      location: plan.ProviderRegion, tags: this.tags,
    }, this.options);
    this.place = { resourceGroupName: this.group.name, location: plan.ProviderRegion, tags: this.tags };
    this.identity = new azure.authorization.UserAssignedIdentity(this.name, this.place, this.options);
    const inNetwork = this.network();
    const mayUseKey = this.keys();
    this.cluster = this.controlPlane([inNetwork, mayUseKey]);
    for (const pool of plan.Pools) {
      if (pool.Nodes > 0 && pool.Pool.Value !== plan.SystemPool.Pool.Value) this.pool(pool);
    }
    this.kubernetes = new k8s.Provider(this.name, {
      kubeconfig: this.cluster.kubeConfigRaw, enableServerSideApply: true,
    }, { parent: this });
    this.endpoint = this.cluster.privateFqdn;
    this.keyId = this.key.id;
    this.registerOutputs();
  }

  network() {
    const { plan, name, options } = this;
    const network = new azure.network.VirtualNetwork(name, {
      ...this.place, addressSpaces: [plan.Network.Block],
    }, options);
    this.nodes = new azure.network.Subnet(`${name}-nodes`, {
      resourceGroupName: this.group.name,
      virtualNetworkName: network.name,
      addressPrefixes: [plan.Network.NodeBlocks[0]],
      serviceEndpoints: ["Microsoft.KeyVault"],
      defaultOutboundAccessEnabled: false,
    }, options);
    const security = new azure.network.NetworkSecurityGroup(`${name}-nodes`, this.place, options);
    return new azure.network.SubnetNetworkSecurityGroupAssociation(`${name}-nodes`, {
      networkSecurityGroupId: security.id, subnetId: this.nodes.id,
    }, options);
  }

  keys() {
    const { name, options } = this;
    const client = azure.core.getClientConfigOutput(options);
    const vault = new azure.keyvault.KeyVault(this.plan.VaultName, {
      ...this.place,
      tenantId: client.apply((known) => known.tenantId),
      skuName: "premium",
      purgeProtectionEnabled: true,
      softDeleteRetentionDays: 90,
      enabledForDiskEncryption: true,
      networkAcls: {
        defaultAction: "Deny", bypass: "AzureServices", virtualNetworkSubnetIds: [this.nodes.id],
      },
    }, options);
    const access = (who, objectId, keyPermissions) => new azure.keyvault.AccessPolicy(`${name}-${who}`, {
      keyVaultId: vault.id, tenantId: vault.tenantId, objectId, keyPermissions,
    }, options);
    const deployer = access("deployer", client.apply((known) => known.objectId),
      ["Create", "Delete", "Get", "GetRotationPolicy", "SetRotationPolicy", "Update"]);
    const user = access("cluster", this.identity.principalId, ["Decrypt", "Encrypt", "Get", "UnwrapKey", "WrapKey"]);
    this.key = new azure.keyvault.Key(`${name}-key`, {
      keyVaultId: vault.id,
      keyType: "RSA-HSM",
      keySize: 3072,
      keyOpts: ["decrypt", "encrypt", "sign", "unwrapKey", "verify", "wrapKey"],
      rotationPolicy: { automatic: { timeAfterCreation: "P365D" } },
      tags: this.tags,
    }, { ...options, protect: true, dependsOn: [deployer] });
    this.disks = new azure.compute.DiskEncryptionSet(name, {
      ...this.place,
      keyVaultKeyId: this.key.id,
      identity: { type: "UserAssigned", identityIds: [this.identity.id] },
    }, { ...options, dependsOn: [user] });
    return user;
  }

  controlPlane(dependsOn) {
    const { plan, name } = this;
    const system = plan.SystemPool;
    return new azure.containerservice.KubernetesCluster(name, {
      ...this.place,
      kubernetesVersion: plan.KubernetesVersion,
      dnsPrefixPrivateCluster: name,
      privateClusterEnabled: true,
      privateClusterPublicFqdnEnabled: false,
      privateDnsZoneId: "System",
      oidcIssuerEnabled: true,
      workloadIdentityEnabled: true,
      runCommandEnabled: false,
      diskEncryptionSetId: this.disks.id,
      keyManagementService: { keyVaultKeyId: this.key.id },
      identity: { type: "UserAssigned", identityIds: [this.identity.id] },
      networkProfile: {
        networkPlugin: "azure",
        networkPluginMode: "overlay",
        networkDataPlane: "cilium",
        networkPolicy: "cilium",
        outboundType: plan.Network.EgressBlocks.length > 0 ? "managedNATGateway" : "none",
        podCidr: "100.64.0.0/11",
        serviceCidr: "100.96.0.0/16",
        dnsServiceIp: "100.96.0.10",
      },
      defaultNodePool: {
        name: system.ShortName,
        vmSize: system.InstanceType,
        nodeCount: system.Nodes,
        nodePublicIpEnabled: false,
        nodeLabels: entries(system.Labels),
        vnetSubnetId: this.nodes.id,
        temporaryNameForRotation: "rotation",
        tags: poolTags(plan, system),
      },
    }, { ...this.options, dependsOn });
  }

  pool(pool) {
    const kept = pool.Capacity
      ? { capacityReservationGroupId: this.reserved(pool), zones: [pool.Capacity.Zone] }
      : {};
    new azure.containerservice.KubernetesClusterNodePool(pool.Pool.Value, {
      kubernetesClusterId: this.cluster.id,
      name: pool.ShortName,
      mode: "User",
      vmSize: pool.InstanceType,
      nodeCount: pool.Nodes,
      nodePublicIpEnabled: false,
      nodeLabels: entries(pool.Labels),
      nodeTaints: pool.AcceleratorResource ? [`${pool.AcceleratorResource}=present:NoSchedule`] : [],
      vnetSubnetId: this.nodes.id,
      tags: poolTags(this.plan, pool),
      ...kept,
    }, this.options);
  }

  reserved(pool) {
    const marks = poolTags(this.plan, pool);
    const group = new azure.compute.CapacityReservationGroup(pool.Pool.Value, {
      resourceGroupName: this.group.name, location: this.plan.ProviderRegion, zones: [pool.Capacity.Zone], tags: marks,
    }, this.options);
    const reservation = new azure.compute.CapacityReservation(pool.Pool.Value, {
      capacityReservationGroupId: group.id,
      zone: pool.Capacity.Zone,
      sku: { name: pool.InstanceType, capacity: pool.Nodes },
      tags: marks,
    }, this.options);
    return pulumi.all([group.id, reservation.id]).apply(([id]) => id);
  }
}

module.exports = { AzureCluster };
