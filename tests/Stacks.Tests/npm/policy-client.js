// Asks a policy pack everything that the engine asks, with the official message classes and the official client.
// Arguments: address of the pack, root of the checkout, folder with the packages. Prints what it was told as JSON.
"use strict";
const path = require("path");
const [, , address, root, packages] = process.argv;
const load = (name) => require(require.resolve(name, { paths: [packages] }));
const grpc = load("@grpc/grpc-js");
const messages = load("@pulumi/pulumi/proto/analyzer_pb.js");
const services = load("@pulumi/pulumi/proto/analyzer_grpc_pb.js");
const { Struct } = load("google-protobuf/google/protobuf/struct_pb.js");
const { Empty } = load("google-protobuf/google/protobuf/empty_pb.js");

const client = new services.AnalyzerClient(address, grpc.credentials.createInsecure());
const call = (method, request) => new Promise((resolve, reject) =>
  client[method](request, (error, reply) => (error ? reject(error) : resolve(reply))));

function resource(type, properties) {
  const request = new messages.AnalyzeRequest();
  request.setType(type);
  request.setName("it");
  request.setUrn(`urn:pulumi:de-aws-frankfurt::control-plane::${type}::it`);
  request.setProperties(Struct.fromJavaScript(properties));
  return request;
}

async function main() {
  const handshake = new messages.AnalyzerHandshakeRequest();
  handshake.setEngineAddress("127.0.0.1:1");
  handshake.setRootDirectory(root);
  handshake.setProgramDirectory(path.join(root, "stacks"));
  await call("handshake", handshake);

  const stack = new messages.AnalyzerStackConfigureRequest();
  stack.setStack("de-aws-frankfurt");
  stack.setProject("control-plane");
  stack.setDryRun(true);
  await call("configureStack", stack);

  const info = await call("getAnalyzerInfo", new Empty());
  const config = new messages.ConfigureAnalyzerRequest();
  await call("configure", config);

  const lawful = await call("analyze", resource("pulumi:providers:aws", { region: "eu-central-1" }));
  const abroad = await call("analyze", resource("pulumi:providers:aws", { region: "us-east-1" }));
  const better = await call("remediate", resource("aws:ec2/vpc:Vpc", { cidrBlock: "10.0.0.0/16" }));

  const all = new messages.AnalyzeStackRequest();
  const group = new messages.AnalyzerResource();
  group.setType("aws:eks/nodeGroup:NodeGroup");
  group.setName("extra");
  group.setUrn("urn:pulumi:de-aws-frankfurt::control-plane::aws:eks/nodeGroup:NodeGroup::extra");
  group.setProperties(Struct.fromJavaScript({ labels: { "cplane-pool": "nowhere" }, scalingConfig: { maxSize: 3 } }));
  all.setResourcesList([group]);
  const whole = await call("analyzeStack", all);
  await call("cancel", new Empty());

  const said = (reply) => reply.getDiagnosticsList().map((item) => ({
    policy: item.getPolicyname(),
    level: item.getEnforcementlevel(),
    severity: item.getSeverity(),
    message: item.getMessage(),
  }));
  console.log(JSON.stringify({
    name: info.getName(),
    supportsConfig: info.getSupportsconfig(),
    policies: info.getPoliciesList().map((item) => `${item.getName()} ${item.getPolicyType()} ${item.getEnforcementlevel()}`),
    lawful: said(lawful),
    abroad: said(abroad),
    tags: better.getRemediationsList().map((item) => item.getProperties().toJavaScript().tags),
    whole: said(whole),
  }, null, 2));
}

main().catch((error) => {
  console.error(String(error));
  process.exit(1);
});
