// A resource monitor and engine made of the official message classes: it answers a program and writes down what it was told.
// Usage: node monitor.cjs MODULES RECORD [--dry-run] [--fail NAME] [--refuse NAME] [--skip NAME] [--slow MS] [--die-after N]
//        [--outputs FILE] [--feature NAME=false]...
// Prints the port as its first line; every request becomes one line of JSON in RECORD.
"use strict";
const fs = require("fs");
const path = require("path");

const [modules, record, ...flags] = process.argv.slice(2);
const load = (name) => require(path.join(modules, name));
const grpc = load("@grpc/grpc-js");
const resource = load("@pulumi/pulumi/proto/resource_pb.js");
const engine = load("@pulumi/pulumi/proto/engine_pb.js");
const resourceRpc = load("@pulumi/pulumi/proto/resource_grpc_pb.js");
const engineRpc = load("@pulumi/pulumi/proto/engine_grpc_pb.js");
const { Empty } = load("google-protobuf/google/protobuf/empty_pb.js");
const { Struct } = load("google-protobuf/google/protobuf/struct_pb.js");

const value = (flag) => { const at = flags.indexOf(flag); return at < 0 ? undefined : flags[at + 1]; };
const dryRun = flags.includes("--dry-run");
const fail = value("--fail"), refuse = value("--refuse"), skip = value("--skip");
const slowMs = Number(value("--slow") ?? 0), dieAfter = Number(value("--die-after") ?? Infinity);
const extra = value("--outputs") ? JSON.parse(fs.readFileSync(value("--outputs"), "utf8")) : {};
const unsupported = new Set(flags.flatMap((flag, i) => flags[i - 1] === "--feature" ? [flag.replace("=false", "")] : []));
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

fs.writeFileSync(record, "");
const note = (call, body) => fs.appendFileSync(record, JSON.stringify({ call, ...body }) + "\n");

function urnOf(type, name, parent) {
  const above = parent && !parent.includes("::pulumi:pulumi:Stack::") ? parent.split("::")[2] + "$" : "";
  return `urn:pulumi:dev::sample::${above}${type}::${name}`;
}

function registration(request) {
  return {
    type: request.getType(), name: request.getName(), custom: request.getCustom(), remote: request.getRemote(),
    parent: request.getParent(), provider: request.getProvider(), version: request.getVersion(),
    inputs: request.getObject()?.toJavaScript() ?? {},
    dependencies: [...request.getDependenciesList()].sort(),
    propertyDependencies: Object.fromEntries(request.getPropertydependenciesMap().getEntryList()
      .map(([name, deps]) => [name, [...(deps[0] ?? [])].sort()]).sort(([a], [b]) => (a < b ? -1 : 1))),
    protect: request.getProtect(), ignoreChanges: request.getIgnorechangesList(),
    deleteBeforeReplace: request.getDeletebeforereplace(), importId: request.getImportid(),
    additionalSecretOutputs: [...request.getAdditionalsecretoutputsList()].sort(),
    replaceOnChanges: request.getReplaceonchangesList(), retainOnDelete: request.getRetainondelete(),
    acceptSecrets: request.getAcceptsecrets(), acceptResources: request.getAcceptresources(),
    customTimeouts: request.getCustomtimeouts()?.toObject(),
    aliases: request.getAliasesList().map((alias) => alias.toObject()),
    providers: Object.fromEntries(request.getProvidersMap().getEntryList()),
    supportsResultReporting: request.getSupportsresultreporting(),
  };
}

let count = 0;
const refusal = (name) => ({ code: grpc.status.INTERNAL, details: `${name} was refused` });

const monitor = {
  supportsFeature(call, callback) {
    const reply = new resource.SupportsFeatureResponse();
    reply.setHassupport(!unsupported.has(call.request.getId()));
    note("SupportsFeature", { id: call.request.getId() });
    callback(null, reply);
  },
  registerResource(call, callback) {
    const seen = registration(call.request);
    note("RegisterResource", seen);
    if (++count > dieAfter) process.exit(9);
    if (seen.name === refuse) return callback(refusal(seen.name));
    const reply = new resource.RegisterResourceResponse();
    reply.setUrn(urnOf(seen.type, seen.name, seen.parent));
    if (seen.custom && !dryRun) reply.setId(`${seen.name}-id`);
    const state = { ...seen.inputs, ...(dryRun ? {} : extra[seen.type] ?? {}) };
    if (seen.name === fail || seen.name === skip) {
      reply.setResult(seen.name === fail ? resource.Result.FAIL : resource.Result.SKIP);
      reply.setObject(Struct.fromJavaScript(seen.inputs));
    } else {
      // Outputs that hold something unknown are taken away whole, as the engine does.
      reply.setObject(Struct.fromJavaScript(Object.fromEntries(
        Object.entries(state).filter(([, part]) => !JSON.stringify(part).includes(unknown)))));
    }
    setTimeout(() => callback(null, reply), slowMs);
  },
  registerResourceOutputs(call, callback) {
    note("RegisterResourceOutputs", { urn: call.request.getUrn(), outputs: call.request.getOutputs()?.toJavaScript() ?? {} });
    callback(null, new Empty());
  },
  readResource(call, callback) {
    const request = call.request;
    const inputs = request.getProperties()?.toJavaScript() ?? {};
    note("ReadResource", { type: request.getType(), name: request.getName(), id: request.getId(), inputs });
    const reply = new resource.ReadResourceResponse();
    reply.setUrn(urnOf(request.getType(), request.getName(), request.getParent()));
    reply.setProperties(Struct.fromJavaScript({ ...inputs, ...(extra[request.getType()] ?? {}) }));
    callback(null, reply);
  },
  invoke(call, callback) {
    const request = call.request;
    const seen = {
      tok: request.getTok(), args: request.getArgs()?.toJavaScript() ?? {}, provider: request.getProvider(),
      version: request.getVersion(),
    };
    note("Invoke", seen);
    const reply = new resource.ResourceInvokeResponse();
    if (seen.tok === refuse) {
      const failure = new (load("@pulumi/pulumi/proto/provider_pb.js").CheckFailure)();
      failure.setProperty("state");
      failure.setReason("not a state");
      reply.addFailures(failure);
    }
    reply.setReturn(Struct.fromJavaScript(extra[seen.tok] ?? {}));
    callback(null, reply);
  },
  signalAndWaitForShutdown(call, callback) {
    note("SignalAndWaitForShutdown", {});
    callback(null, new Empty());
  },
};
const host = {
  log(call, callback) {
    const request = call.request;
    if (request.getSeverity() > 0) {
      note("Log", { severity: request.getSeverity(), message: request.getMessage(), urn: request.getUrn() });
    }
    callback(null, new Empty());
  },
  setRootResource(call, callback) { callback(null, new engine.SetRootResourceResponse()); },
  getRootResource(call, callback) { callback(null, new engine.GetRootResourceResponse()); },
};

const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(resourceRpc.ResourceMonitorService, monitor);
server.addService(engineRpc.EngineService, host);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
// Whoever started this holds its input open; without them it has no reason to be.
process.stdin.on("end", () => process.exit(0)).resume();
