// The program of CloudsProgram.cs, said to the official SDK and the official provider classes.
"use strict";
const path = require("path");
const modules = process.env.CONFORMANCE_MODULES;
const load = (name) => require(path.join(modules, name));
const pulumi = load("@pulumi/pulumi");
const aws = load("@pulumi/aws");
const azure = load("@pulumi/azure");
const k8s = load("@pulumi/kubernetes");

const config = new pulumi.Config();
const region = config.require("region");
const password = config.requireSecret("password");

const awsProvider = new aws.Provider("aws", {
  region, allowedAccountIds: ["123456789012"], maxRetries: 3, defaultTags: { tags: { owner: "platform" } },
});
const options = { provider: awsProvider };

const vpc = new aws.ec2.Vpc("main", { cidrBlock: "10.0.0.0/16", enableDnsHostnames: true, tags: { Name: "main" } }, options);
const subnets = ["a", "b"].map((zone, index) => new aws.ec2.Subnet(`subnet-${zone}`, {
  vpcId: vpc.id, cidrBlock: `10.0.${index}.0/24`, availabilityZone: `eu-central-1${zone}`,
}, options));
const key = new aws.kms.Key("disk", {
  description: "disks", deletionWindowInDays: 30, enableKeyRotation: true,
}, { ...options, protect: true });
const role = new aws.iam.Role("nodes", { assumeRolePolicy: '{"Version":"2012-10-17"}' }, options);
const attachment = new aws.iam.RolePolicyAttachment("nodes", {
  role: role.name, policyArn: "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
}, options);
const cluster = new aws.eks.Cluster("main", {
  roleArn: role.arn,
  vpcConfig: { subnetIds: subnets.map((subnet) => subnet.id), endpointPrivateAccess: true, endpointPublicAccess: false },
  encryptionConfig: { provider: { keyArn: key.arn }, resources: ["secrets"] },
  enabledClusterLogTypes: ["audit", "api"],
}, { ...options, dependsOn: attachment, ignoreChanges: ["version"] });
const template = new aws.ec2.LaunchTemplate("gpu", {
  instanceType: "p5.48xlarge",
  blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { volumeSize: 500, encrypted: "true", kmsKeyId: key.arn } }],
}, options);
new aws.eks.NodeGroup("gpu", {
  clusterName: cluster.name,
  nodeRoleArn: role.arn,
  subnetIds: [subnets[0].id, "subnet-fixed"],
  scalingConfig: { desiredSize: 2, minSize: 0, maxSize: 4 },
  launchTemplate: { id: template.id, version: template.latestVersion.apply((version) => `${version}`) },
  taints: [{ key: "nvidia.com/gpu", value: "true", effect: "NO_SCHEDULE" }],
  labels: { pool: "gpu" },
}, { ...options, dependsOn: [attachment, key], customTimeouts: { create: "40m" }, deleteBeforeReplace: true });
new aws.ec2.CapacityReservation("gpu", {
  availabilityZone: "eu-central-1a", instanceCount: 2, instancePlatform: aws.ec2.InstancePlatform.LinuxUnix,
  instanceType: "p5.48xlarge",
}, options);

const kubeconfig = pulumi.secret(pulumi.interpolate`server: ${cluster.endpoint}, name: ${cluster.name}`);
const kubernetes = new k8s.Provider("kubernetes", { kubeconfig, enableServerSideApply: true });

class Tenants extends pulumi.ComponentResource {
  constructor(name, opts) {
    super("sample:index:Tenants", name, {}, opts);
    for (const tenant of ["a", "b"]) this.tenant(tenant);
    this.registerOutputs({ count: 2 });
  }

  tenant(tenant) {
    const options = { parent: this };
    const space = new k8s.core.v1.Namespace(`${tenant}-space`, { metadata: { name: tenant, labels: { tenant } } }, options);
    const metadata = { namespace: space.metadata.apply((metadata) => metadata.name) };
    new k8s.core.v1.ResourceQuota(`${tenant}-quota`, {
      metadata, spec: { hard: { "requests.nvidia.com/gpu": "16" } },
    }, options);
    new k8s.networking.v1.NetworkPolicy(`${tenant}-deny`, {
      metadata, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    }, options);
    new k8s.core.v1.Secret(`${tenant}-join`, { metadata, stringData: { password, user: tenant } }, options);
    const account = new k8s.core.v1.ServiceAccount(`${tenant}-account`, { metadata }, options);
    new k8s.rbac.v1.RoleBinding(`${tenant}-binding`, {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "view" },
      subjects: [{
        kind: "ServiceAccount", name: account.metadata.apply((metadata) => metadata.name), namespace: tenant,
      }],
    }, options);
  }
}
const tenants = new Tenants("tenants", { provider: kubernetes });

const onCluster = { provider: kubernetes };
const plugin = new k8s.helm.v3.Release("device-plugin", {
  chart: "nvidia-device-plugin",
  version: "0.17.4",
  namespace: "kube-system",
  repositoryOpts: { repo: "https://nvidia.github.io/k8s-device-plugin" },
  values: { gfd: { enabled: true, sleep: 60.5 }, tolerations: [{ operator: "Exists" }] },
}, { ...onCluster, dependsOn: tenants });
new k8s.apps.v1.Deployment("agent", {
  metadata: { name: "agent", namespace: plugin.namespace },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "agent" } },
    template: {
      metadata: { labels: { app: "agent" } },
      spec: {
        containers: [{
          name: "agent", image: "example.com/agent:1", ports: [{ containerPort: 8080 }],
          resources: { limits: { memory: "64Mi" } },
        }],
      },
    },
  },
}, onCluster);
new k8s.core.v1.Service("agent", { spec: { ports: [{ port: 80, targetPort: 8080 }] } }, {
  ...onCluster, aliases: [{ name: "agent-old" }, { parent: pulumi.rootStackResource, type: "kubernetes:core/v1:Svc" }],
});
new k8s.scheduling.v1.PriorityClass("training", {
  value: 1000, description: "may wait", preemptionPolicy: "Never",
}, onCluster);

const azureProvider = new azure.Provider("azure", {
  subscriptionId: "00000000-0000-0000-0000-000000000001", features: { keyVault: { purgeSoftDeleteOnDestroy: false } },
});
const onAzure = { provider: azureProvider };
const group = new azure.core.ResourceGroup("group", { location: region }, onAzure);
const network = new azure.network.VirtualNetwork("network", {
  resourceGroupName: group.name, location: group.location, addressSpaces: ["10.1.0.0/16"],
}, onAzure);
const subnet = new azure.network.Subnet("nodes", {
  resourceGroupName: group.name, virtualNetworkName: network.name, addressPrefixes: ["10.1.1.0/24"],
}, onAzure);
const aks = new azure.containerservice.KubernetesCluster("aks", {
  resourceGroupName: group.name,
  location: group.location,
  dnsPrefix: "aks",
  privateClusterEnabled: true,
  identity: { type: "SystemAssigned" },
  defaultNodePool: { name: "system", nodeCount: 3, vmSize: "Standard_D8s_v5", vnetSubnetId: subnet.id },
}, onAzure);
new azure.containerservice.KubernetesClusterNodePool("gpu", {
  kubernetesClusterId: aks.id,
  vmSize: "Standard_ND96isr_H100_v5",
  nodeCount: 2,
  nodeTaints: ["sku=gpu:NoSchedule"],
  vnetSubnetId: subnet.id,
}, onAzure);

const outputs = () => ({ endpoint: cluster.endpoint, kubeconfig, tenants: ["a", "b"] });
module.exports = outputs();
