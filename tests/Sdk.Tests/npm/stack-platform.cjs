// What runs on every cluster, from its plan; the twin of stacks/Platform.
"use strict";
const path = require("path");
const load = (name) => require(path.join(process.env.CONFORMANCE_MODULES, name));
const pulumi = load("@pulumi/pulumi");
const k8s = load("@pulumi/kubernetes");
const { entries, tags } = require("./stack-plan.cjs");

const systemNamespace = "cplane-system";
const agentName = "site-agent";
const rbac = "rbac.authorization.k8s.io";
const agentSubject = { kind: "ServiceAccount", name: agentName, namespace: systemNamespace };
const rules = (allowed) => allowed.map((access) => ({
  apiGroups: [access.Group], resources: access.Kinds, verbs: access.Verbs,
}));

class Platform extends pulumi.ComponentResource {
  constructor(plan, provider, joinToken) {
    super("control-plane:platform:ClusterPlatform", plan.Cluster.Value, {}, {});
    this.plan = plan;
    this.name = plan.Cluster.Value;
    this.options = { parent: this, provider };
    this.system = new k8s.core.v1.Namespace(`${this.name}-system`, {
      metadata: { name: systemNamespace, labels: tags(plan) },
    }, this.options);
    for (const band of plan.Platform.Bands) this.band(band);
    for (const plugin of plan.Platform.DevicePlugins) this.plugin(plugin);
    this.agent(joinToken);
    for (const tenant of plan.Platform.Tenants) new TenantSpace(plan, tenant, this.options);
    this.registerOutputs();
  }

  band(band) {
    new k8s.scheduling.v1.PriorityClass(`${this.name}-${band.Name}`, {
      metadata: { name: band.Name },
      value: band.Value,
      globalDefault: band.IsDefault,
      preemptionPolicy: band.Preempts ? "PreemptLowerPriority" : "Never",
      description: `Requests with priority ${band.From} and above`,
    }, this.options);
  }

  plugin(plugin) {
    new k8s.helm.v3.Release(`${this.name}-${plugin.Vendor}`, {
      chart: plugin.Chart,
      version: plugin.Version,
      namespace: this.system.metadata.apply((metadata) => metadata.name),
      atomic: true,
      timeout: 600,
      ...(plugin.Repository ? { repositoryOpts: { repo: plugin.Repository } } : {}),
    }, this.options);
  }

  agent(joinToken) {
    const { plan, options } = this;
    const name = `${this.name}-agent`;
    const inside = { ...options, dependsOn: [this.system] };
    const metadata = { name: agentName, namespace: systemNamespace, labels: { ...tags(plan), app: agentName } };
    const account = new k8s.core.v1.ServiceAccount(name, { metadata }, inside);
    const token = new k8s.core.v1.Secret(name, { metadata, stringData: { token: joinToken } }, inside);
    new k8s.apiextensions.CustomResource(name, {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRole",
      metadata: { name: `cplane-${agentName}` },
      rules: rules(plan.Platform.Agent.Permissions),
    }, options);
    new k8s.apiextensions.CustomResource(name, {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: `cplane-${agentName}` },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: `cplane-${agentName}` },
      subjects: [agentSubject],
    }, options);
    new k8s.apps.v1.Deployment(name, { metadata, spec: this.agentSpec() }, {
      ...inside, dependsOn: [this.system, account, token],
    });
  }

  agentSpec() {
    const { plan } = this;
    return {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: { app: agentName } },
      template: {
        metadata: { labels: { app: agentName } },
        spec: {
          serviceAccountName: agentName,
          priorityClassName: "system-cluster-critical",
          containers: [{
            name: agentName,
            image: plan.Platform.Agent.Image,
            env: [
              { name: "CPLANE_URL", value: plan.Platform.Agent.ControlPlaneUrl },
              { name: "CPLANE_SITE", value: plan.Site.Value },
              { name: "CPLANE_CLUSTER", value: plan.Cluster.Value },
              { name: "CPLANE_JOIN_TOKEN_FILE", value: "/run/cplane/token" },
              { name: "CPLANE_STATE", value: "/var/lib/cplane" },
            ],
            volumeMounts: [
              { name: "token", mountPath: "/run/cplane", readOnly: true },
              { name: "state", mountPath: "/var/lib/cplane" },
            ],
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              runAsNonRoot: true,
              capabilities: { drop: ["ALL"] },
            },
          }],
          volumes: [{ name: "token", secret: { secretName: agentName } }, { name: "state", emptyDir: {} }],
        },
      },
    };
  }
}

class TenantSpace extends pulumi.ComponentResource {
  constructor(plan, tenant, outer) {
    const name = `${plan.Cluster.Value}-${tenant.Tenant.Value}`;
    super("control-plane:platform:TenantSpace", name, {}, { parent: outer.parent });
    const options = { parent: this, provider: outer.provider };
    const space = new k8s.core.v1.Namespace(name, {
      metadata: { name: tenant.Namespace, labels: { ...tags(plan), "cplane-tenant": tenant.Tenant.Value } },
    }, options);
    const inside = { ...options, dependsOn: [space] };
    const metadata = (kind) => ({ name: kind, namespace: tenant.Namespace });
    const both = ["Ingress", "Egress"];
    new k8s.core.v1.ResourceQuota(name, {
      metadata: metadata("quota"), spec: { hard: entries(tenant.Quota) },
    }, inside);
    new k8s.networking.v1.NetworkPolicy(`${name}-deny`, {
      metadata: metadata("deny-all"), spec: { podSelector: {}, policyTypes: both },
    }, inside);
    new k8s.networking.v1.NetworkPolicy(`${name}-names`, {
      metadata: metadata("allow-names-and-own"),
      spec: {
        podSelector: {},
        policyTypes: both,
        ingress: [{ from: [{ podSelector: {} }] }],
        egress: [
          { to: [{ podSelector: {} }] },
          {
            to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }],
            ports: [{ protocol: "UDP", port: 53 }, { protocol: "TCP", port: 53 }],
          },
        ],
      },
    }, inside);
    new k8s.rbac.v1.Role(`${name}-agent`, {
      metadata: metadata(agentName), rules: rules(plan.Platform.Agent.TenantPermissions),
    }, inside);
    new k8s.rbac.v1.RoleBinding(`${name}-agent`, {
      metadata: metadata(agentName),
      roleRef: { apiGroup: rbac, kind: "Role", name: agentName },
      subjects: [agentSubject],
    }, inside);
    this.registerOutputs();
  }
}

module.exports = { Platform };
