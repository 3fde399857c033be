// A cluster on AWS from its plan; the twin of stacks/Clouds/Aws*.cs.
"use strict";
const path = require("path");
const load = (name) => require(path.join(process.env.CONFORMANCE_MODULES, name));
const pulumi = load("@pulumi/pulumi");
const aws = load("@pulumi/aws");
const k8s = load("@pulumi/kubernetes");
const { entries, tags, poolTags } = require("./stack-plan.cjs");

class AwsCluster extends pulumi.ComponentResource {
  constructor(plan) {
    super("control-plane:clouds:AwsCluster", plan.Cluster.Value, {}, {});
    this.plan = plan;
    this.name = plan.Cluster.Value;
    this.tags = tags(plan);
    const provider = new aws.Provider(this.name, { region: plan.ProviderRegion }, { parent: this });
    this.options = { parent: this, provider };
    this.key = this.makeKey();
    this.network();
    this.cluster = this.controlPlane();
    const addon = new aws.eks.Addon(`${this.name}-vpc-cni`, {
      clusterName: this.cluster.name,
      addonName: "vpc-cni",
      configurationValues: '{"enableNetworkPolicy":"true"}',
      tags: this.tags,
    }, this.options);
    this.nodeRole = this.role("nodes", "ec2.amazonaws.com",
      ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"]);
    const groups = {};
    for (const pool of plan.Pools.filter((pool) => pool.Nodes > 0)) groups[pool.Pool.Value] = this.group(pool, addon);
    this.kubernetes = this.reach(groups[plan.SystemPool.Pool.Value]);
    this.endpoint = this.cluster.endpoint;
    this.keyId = this.key.arn;
    this.registerOutputs();
  }

  makeKey() {
    const store = this.plan.Key.Store;
    const key = new aws.kms.Key(`${this.name}-key`, {
      description: `Secrets and disks of ${this.name}`,
      multiRegion: false,
      deletionWindowInDays: 30,
      tags: this.tags,
      ...(store
        ? { customKeyStoreId: store.StoreId, xksKeyId: store.KeyId }
        : { enableKeyRotation: true, rotationPeriodInDays: 365 }),
    }, { ...this.options, protect: true });
    new aws.kms.Alias(`${this.name}-key`, { name: `alias/${this.name}`, targetKeyId: key.keyId }, this.options);
    return key;
  }

  network() {
    const { plan, name, options } = this;
    this.vpc = new aws.ec2.Vpc(name, {
      cidrBlock: plan.Network.Block, enableDnsHostnames: true, enableDnsSupport: true, tags: this.tags,
    }, options);
    const zones = aws.getAvailabilityZonesOutput({ state: "available", region: plan.ProviderRegion }, options);
    const gateway = plan.Network.EgressBlocks.length === 0
      ? undefined
      : new aws.ec2.InternetGateway(name, { vpcId: this.vpc.id, tags: this.tags }, options);
    this.tables = [];
    this.nodeSubnets = plan.Network.NodeBlocks.map((block, index) => {
      const zone = zones.apply((found) => found.names[index]);
      const routes = gateway
        ? [{ cidrBlock: "0.0.0.0/0", natGatewayId: this.wayOut(index, zone, gateway).id }]
        : [];
      const table = this.table(`nodes-${index}`, routes);
      this.tables.push(table);
      return this.subnet(`nodes-${index}`, block, zone, table);
    });
    this.doors();
  }

  wayOut(index, zone, gateway) {
    const table = this.table(`egress-${index}`, [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }]);
    const subnet = this.subnet(`egress-${index}`, this.plan.Network.EgressBlocks[index], zone, table);
    const name = `${this.name}-egress-${index}`;
    const address = new aws.ec2.Eip(name, { domain: "vpc", tags: this.tags }, this.options);
    return new aws.ec2.NatGateway(name, { allocationId: address.id, subnetId: subnet.id, tags: this.tags }, this.options);
  }

  table(name, routes) {
    return new aws.ec2.RouteTable(`${this.name}-${name}`, { vpcId: this.vpc.id, routes, tags: this.tags }, this.options);
  }

  subnet(name, block, zone, table) {
    const subnet = new aws.ec2.Subnet(`${this.name}-${name}`, {
      vpcId: this.vpc.id, cidrBlock: block, availabilityZone: zone, mapPublicIpOnLaunch: false, tags: this.tags,
    }, this.options);
    new aws.ec2.RouteTableAssociation(`${this.name}-${name}`, { routeTableId: table.id, subnetId: subnet.id }, this.options);
    return subnet;
  }

  doors() {
    const { plan, name, options } = this;
    const inside = new aws.ec2.SecurityGroup(`${name}-doors`, {
      vpcId: this.vpc.id,
      description: "Doors to the provider, for the cluster's own addresses",
      ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: [plan.Network.Block] }],
      tags: this.tags,
    }, options);
    for (const door of ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "kms", "sts"]) {
      new aws.ec2.VpcEndpoint(`${name}-${door}`, {
        vpcId: this.vpc.id,
        serviceName: `com.amazonaws.${plan.ProviderRegion}.${door}`,
        vpcEndpointType: "Interface",
        privateDnsEnabled: true,
        subnetIds: this.nodeSubnets.map((subnet) => subnet.id),
        securityGroupIds: [inside.id],
        tags: this.tags,
      }, options);
    }
    new aws.ec2.VpcEndpoint(`${name}-s3`, {
      vpcId: this.vpc.id,
      serviceName: `com.amazonaws.${plan.ProviderRegion}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: this.tables.map((table) => table.id),
      tags: this.tags,
    }, options);
  }

  controlPlane() {
    const role = this.role("control", "eks.amazonaws.com", ["AmazonEKSClusterPolicy"]);
    return new aws.eks.Cluster(this.name, {
      version: this.plan.KubernetesVersion,
      roleArn: role.arn,
      vpcConfig: {
        subnetIds: this.nodeSubnets.map((subnet) => subnet.id), endpointPrivateAccess: true, endpointPublicAccess: false,
      },
      encryptionConfig: { provider: { keyArn: this.key.arn }, resources: ["secrets"] },
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: true },
      tags: this.tags,
    }, this.options);
  }

  role(name, principal, policies) {
    const role = new aws.iam.Role(`${this.name}-${name}`, {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: principal }, Action: "sts:AssumeRole" }],
      }),
      tags: this.tags,
    }, this.options);
    for (const policy of policies) {
      new aws.iam.RolePolicyAttachment(`${this.name}-${name}-${policy}`, {
        role: role.name, policyArn: `arn:${this.plan.Partition ?? "aws"}:iam::aws:policy/${policy}`,
      }, this.options);
    }
    return role;
  }

  group(pool, addon) {
    const { plan } = this;
    const subnetIds = this.subnetsOf(pool);
    const template = this.template(pool);
    const amiTypes = { "nvidia.com/gpu": "AL2023_x86_64_NVIDIA", "aws.amazon.com/neuron": "AL2023_x86_64_NEURON" };
    return new aws.eks.NodeGroup(pool.Pool.Value, {
      clusterName: this.cluster.name,
      nodeRoleArn: this.nodeRole.arn,
      subnetIds,
      amiType: amiTypes[pool.AcceleratorResource] ?? "AL2023_x86_64_STANDARD",
      capacityType: pool.Capacity?.Kind === "Block" ? "CAPACITY_BLOCK" : "ON_DEMAND",
      scalingConfig: { desiredSize: pool.Nodes, minSize: pool.Nodes, maxSize: pool.Nodes },
      launchTemplate: { id: template.id, version: template.latestVersion.apply((version) => `${version}`) },
      labels: entries(pool.Labels),
      taints: pool.AcceleratorResource
        ? [{ key: pool.AcceleratorResource, value: "present", effect: "NO_SCHEDULE" }]
        : [],
      tags: poolTags(plan, pool),
    }, { ...this.options, dependsOn: [addon] });
  }

  subnetsOf(pool) {
    if (pool.OwnBlock && pool.Capacity)
      return [this.subnet(pool.ShortName, pool.OwnBlock, pool.Capacity.Zone, this.tables[0]).id];
    return pool.StandsClose ? [this.nodeSubnets[0].id] : this.nodeSubnets.map((subnet) => subnet.id);
  }

  template(pool) {
    const marks = poolTags(this.plan, pool);
    const args = {
      instanceType: pool.InstanceType,
      updateDefaultVersion: true,
      blockDeviceMappings: [{
        deviceName: "/dev/xvda",
        ebs: {
          encrypted: "true", kmsKeyId: this.key.arn, volumeSize: 200, volumeType: "gp3", deleteOnTermination: "true",
        },
      }],
      metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
      networkInterfaces: this.cards(pool),
      tagSpecifications: [{ resourceType: "instance", tags: marks }, { resourceType: "volume", tags: marks }],
      tags: marks,
    };
    if (pool.StandsClose && !pool.Capacity) {
      const close = new aws.ec2.PlacementGroup(pool.Pool.Value, { strategy: "cluster", tags: marks }, this.options);
      args.placement = { groupName: close.name };
    }
    const reserved = this.reservation(pool);
    if (reserved) {
      args.capacityReservationSpecification = { capacityReservationTarget: { capacityReservationId: reserved.id } };
    }
    if (pool.Capacity?.Kind === "Block") args.instanceMarketOptions = { marketType: "capacity-block" };
    return new aws.ec2.LaunchTemplate(pool.Pool.Value, args, this.options);
  }

  cards(pool) {
    return Array.from({ length: pool.RdmaInterfaces }, (_, index) => ({
      interfaceType: index === 0 ? "efa" : "efa-only",
      networkCardIndex: index,
      deviceIndex: index === 0 ? 0 : 1,
      deleteOnTermination: "true",
      securityGroups: [this.cluster.vpcConfig.apply((network) => network.clusterSecurityGroupId ?? "")],
      ...(index === 0 ? { associatePublicIpAddress: "false" } : {}),
    }));
  }

  reservation(pool) {
    const marks = poolTags(this.plan, pool);
    if (pool.Capacity?.Kind === "Reservation") {
      return new aws.ec2.CapacityReservation(pool.Pool.Value, {
        availabilityZone: pool.Capacity.Zone,
        instanceCount: pool.Nodes,
        instancePlatform: "Linux/UNIX",
        instanceType: pool.InstanceType,
        instanceMatchCriteria: "targeted",
        endDateType: "unlimited",
        tags: marks,
      }, this.options);
    }
    if (pool.Capacity?.Kind !== "Block") return undefined;
    const offer = aws.ec2.getCapacityBlockOfferingOutput({
      instanceType: pool.InstanceType,
      instanceCount: pool.Nodes,
      capacityDurationHours: pool.Capacity.DurationHours ?? 0,
      region: this.plan.ProviderRegion,
    }, this.options);
    return new aws.ec2.CapacityBlockReservation(pool.Pool.Value, {
      capacityBlockOfferingId: offer.apply((found) => found.capacityBlockOfferingId),
      instancePlatform: "Linux/UNIX",
      tags: marks,
    }, { ...this.options, ignoreChanges: ["capacityBlockOfferingId"], protect: true });
  }

  reach(systemGroup) {
    const { cluster, plan } = this;
    const kubeconfig = pulumi.all([cluster.endpoint, cluster.certificateAuthority, cluster.name])
      .apply(([server, authority, name]) => JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": name,
        clusters: [{ name, cluster: { server, "certificate-authority-data": authority.data ?? "" } }],
        users: [{
          name,
          user: {
            exec: {
              apiVersion: "client.authentication.k8s.io/v1beta1",
              command: "aws",
              args: ["eks", "get-token", "--cluster-name", name, "--region", plan.ProviderRegion],
            },
          },
        }],
        contexts: [{ name, context: { cluster: name, user: name } }],
      }));
    return new k8s.Provider(this.name, { kubeconfig, enableServerSideApply: true }, {
      parent: this, dependsOn: [systemGroup],
    });
  }
}

module.exports = { AwsCluster };
