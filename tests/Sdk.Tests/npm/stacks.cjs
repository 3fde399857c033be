// The stacks of regions, said to the official SDK and the official provider classes from the plan of a region.
// CONFORMANCE_PLAN names the plan as JSON; what stacks/Clouds and stacks/Platform make of it in C# is made of it here
// in JavaScript, by hand.
"use strict";
const fs = require("fs");
const path = require("path");
const modules = process.env.CONFORMANCE_MODULES;
const load = (name) => require(path.join(modules, name));
const pulumi = load("@pulumi/pulumi");
const k8s = load("@pulumi/kubernetes");
const { AwsCluster } = require("./stack-aws.cjs");
const { AzureCluster } = require("./stack-azure.cjs");
const { Platform } = require("./stack-platform.cjs");

const plan = JSON.parse(fs.readFileSync(process.env.CONFORMANCE_PLAN, "utf8"));
const config = new pulumi.Config();

class OnPremCluster extends pulumi.ComponentResource {
  constructor(cluster) {
    super("control-plane:clouds:OnPremCluster", cluster.Cluster.Value, {}, {});
    this.kubernetes = new k8s.Provider(cluster.Cluster.Value, {
      kubeconfig: config.requireSecret(`kubeconfig-${cluster.Cluster.Value}`),
      enableServerSideApply: true,
    }, { parent: this });
    this.endpoint = pulumi.output("");
    this.keyId = pulumi.output("");
    this.registerOutputs();
  }
}

function made(cluster) {
  if (cluster.Provider === "aws") return new AwsCluster(cluster);
  if (cluster.Provider === "azure") return new AzureCluster(cluster, config.require("azureSubscription"));
  return new OnPremCluster(cluster);
}

// What a cluster does not have is left out rather than said to be empty.
const given = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));

const clusters = plan.Clusters.map((cluster) => {
  const stands = made(cluster);
  new Platform(cluster, stands.kubernetes, config.requireSecret("joinToken"));
  return pulumi.all([stands.endpoint, stands.keyId]).apply(([endpoint, keyId]) => given({
    cluster: cluster.Cluster.Value,
    site: cluster.Site.Value,
    provider: cluster.Provider,
    providerRegion: cluster.ProviderRegion,
    endpoint,
    keyId,
    nodePools: cluster.Pools.map((pool) => given({
      pool: pool.Pool.Value,
      instanceType: pool.InstanceType ?? "",
      nodes: pool.Nodes,
      acceleratorsPerNode: pool.AcceleratorsPerNode,
    })),
    tenants: cluster.Platform.Tenants.map((tenant) => tenant.Tenant.Value),
  }));
});

module.exports = {
  schemaVersion: 1,
  region: plan.Region.Value,
  jurisdiction: plan.Jurisdiction.Value,
  clusters: pulumi.all(clusters),
};
