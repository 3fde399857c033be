// Derives the trimmed provider schemas from the type declarations of the official npm packages.
// Usage: node derive.mjs MODULES OUTPUT-FOLDER
// selection.json beside this file says which resources and functions, and holds the few facts that TypeScript cannot say:
// which numbers are not whole, and where the C# name of a property is not its own.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const [modules, output] = process.argv.slice(2);
if (!output) {
  console.error("usage: node derive.mjs MODULES OUTPUT-FOLDER");
  process.exit(2);
}
const ts = createRequire(path.join(modules, "/"))("typescript");
const here = path.dirname(fileURLToPath(import.meta.url));
const selection = JSON.parse(fs.readFileSync(path.join(here, "selection.json"), "utf8"));

const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
const parse = (file) => ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);

/** All interfaces and constants of a declaration file, by their dotted names. */
function declarations(file) {
  const found = new Map();
  const visit = (node, prefix) => {
    if (ts.isModuleDeclaration(node)) node.body.statements.forEach((inner) => visit(inner, `${prefix}${node.name.text}.`));
    else if (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) found.set(prefix + node.name.text, node);
    else if (ts.isVariableStatement(node)) node.declarationList.declarations.forEach((one) => found.set(prefix + one.name.text, one));
  };
  if (fs.existsSync(file)) parse(file).statements.forEach((statement) => visit(statement, ""));
  return found;
}

class Package {
  constructor(name, spec) {
    Object.assign(this, { name, spec, root: path.join(modules, spec.npm), types: {}, open: [] });
    this.inputs = declarations(path.join(this.root, "types/input.d.ts"));
    this.outputs = declarations(path.join(this.root, "types/output.d.ts"));
    this.isKubernetes = name === "kubernetes";
  }

  /** The token of a type from its dotted name in the declarations. */
  token(dotted) {
    const parts = dotted.split(".");
    const type = parts.pop();
    if (!this.isKubernetes) return `${this.name}:${parts[0] ?? "index"}/${type}:${type}`;
    if (parts.length === 0) return `kubernetes:index:${type}`;
    return `kubernetes:${parts[0] === "helm" ? "helm.sh" : parts[0]}/${parts[1]}:${type}`;
  }

  reference(dotted) {
    const token = this.token(dotted);
    if (!(token in this.types)) {
      this.types[token] = undefined;
      this.open.push([token, dotted]);
    }
    return { $ref: `#/types/${token}` };
  }

  isDouble(owner, name) {
    return (this.spec.doubles ?? []).includes(`${owner}.${name}`);
  }

  /** What a TypeScript type stands for; owner and name tell which number it is. */
  shape(node, owner, name) {
    const again = (inner) => this.shape(inner, owner, name);
    if (ts.isParenthesizedTypeNode(node)) return again(node.type);
    if (ts.isUnionTypeNode(node)) {
      // Beside a text some inputs take a whole resource or a text under another name; on the wire all are texts.
      const cases = node.types.filter((one) => one.kind !== ts.SyntaxKind.UndefinedKeyword
        && !(ts.isTypeReferenceNode(one) && /^(\w+|\w+\.(?!Output|Input)[A-Z]\w+)$/.test(one.typeName.getText())
          && !/^(inputs|outputs|enums|pulumi)\./.test(one.typeName.getText()))
        && !(this.spec.onlyInNode ?? []).includes(one.getText()));
      if (cases.every((one) => one.getText().startsWith("pulumi.asset."))) return { $ref: "pulumi.json#/Asset" };
      return cases.length === 1 ? again(cases[0]) : { oneOf: cases.map(again) };
    }
    if (ts.isArrayTypeNode(node)) return { type: "array", items: again(node.elementType) };
    if (ts.isTypeLiteralNode(node)) return { type: "object", additionalProperties: again(node.members[0].type) };
    if (ts.isLiteralTypeNode(node)) return { type: "string", const: node.literal.text };
    if (ts.isTypeReferenceNode(node)) {
      const text = node.typeName.getText();
      if (text === "pulumi.Input" || text === "pulumi.Output") return again(node.typeArguments[0]);
      if (text.startsWith("inputs.") || text.startsWith("outputs.") || text.startsWith("enums.")) {
        return this.reference(text.slice(text.indexOf(".") + 1));
      }
    }
    switch (node.kind) {
      case ts.SyntaxKind.StringKeyword: return { type: "string" };
      case ts.SyntaxKind.NumberKeyword: return { type: this.isDouble(owner, name) ? "number" : "integer" };
      case ts.SyntaxKind.BooleanKeyword: return { type: "boolean" };
      case ts.SyntaxKind.AnyKeyword: return { $ref: "pulumi.json#/Any" };
      default: throw new Error(`${owner}.${name}: cannot read '${node.getText()}'`);
    }
  }

  /** The properties of an interface or class, and which of them are always there. */
  members(declaration, owner) {
    const properties = {}, required = [];
    for (const member of declaration?.members ?? []) {
      const isStatic = member.modifiers?.some((one) => one.kind === ts.SyntaxKind.StaticKeyword);
      if (isStatic || !(ts.isPropertySignature(member) || ts.isPropertyDeclaration(member))) continue;
      const name = member.name.text;
      properties[name] = this.shape(member.type, owner, name);
      if (ts.getJSDocDeprecatedTag(member)) properties[name].deprecated = true;
      const renamed = this.spec.names?.[`${owner}.${name}`];
      if (renamed) properties[name].language = { csharp: { name: renamed } };
      if (!member.questionToken && !/\| undefined>$/.test(member.type.getText().replace(/\s+/g, " "))) required.push(name);
    }
    return { properties: sorted(properties), required: required.sort() };
  }

  type(token, dotted) {
    const owner = dotted.split(".").at(-1);
    const given = this.inputs.get(dotted), got = this.outputs.get(dotted);
    if (!given && !got) return this.enumeration(token, dotted);
    const input = this.members(given, owner), answer = this.members(got, owner);
    const result = { type: "object", properties: sorted({ ...answer.properties, ...input.properties }) };
    result.required = given ? input.required : answer.required;
    if (!got) result["x-inputOnly"] = true;
    else if (!given) result["x-outputOnly"] = true;
    else if (JSON.stringify(input.required) !== JSON.stringify(answer.required)) {
      result.language = { nodejs: { requiredOutputs: answer.required } };
    }
    return result;
  }

  enumeration(token, dotted) {
    const parts = dotted.split(".");
    const name = parts.pop();
    const constant = declarations(path.join(this.root, "types/enums", ...parts, "index.d.ts")).get(name);
    if (!constant) throw new Error(`no type ${dotted} in ${this.spec.npm}`);
    const wanted = new RegExp(this.spec.enumValues?.[token] ?? "");
    const values = constant.type.members
      .map((member) => ({ name: member.name.text, value: member.type.literal.text }))
      .filter((item) => wanted.test(item.value));
    return { type: "string", enum: values };
  }

  /** What only the code tells: secrets, constants, defaults, aliases. */
  code(file, properties, outputs) {
    const text = fs.readFileSync(file, "utf8");
    for (const [, name, value] of text.matchAll(/resourceInputs\["(\w+)"\] = (.*);$/gm)) {
      const constant = /^"([^"]*)"$/.exec(value);
      if (constant) properties[name] = { type: "string", const: constant[1] };
      const property = properties[name];
      if (!property) continue;
      if (value.includes("pulumi.secret(")) property.secret = true;
      if (value.includes("JSON.stringify")) property["x-json"] = true;
      const environment = /utilities\.getEnv\w*\(([^)]*)\)/.exec(value);
      if (environment) property.defaultInfo = { environment: JSON.parse(`[${environment[1]}]`) };
      const fallback = /(?:\?\?|\|\|) (true|false|"[^"]*"|\d+)\)*(?:\.apply|$)/.exec(value);
      if (fallback) property.default = JSON.parse(fallback[1]);
    }
    const secrets = /additionalSecretOutputs: (\[[^\]]*\])/.exec(text);
    for (const name of secrets ? JSON.parse(secrets[1]) : []) if (outputs[name]) outputs[name].secret = true;
    const aliases = [...(/aliases: \[(.*)\]/.exec(text)?.[1] ?? "").matchAll(/type: "([^"]+)"/g)];
    return aliases.map(([, type]) => ({ type }));
  }

  file(token) {
    const [, module, name] = token.split(":");
    const folder = module.replace(/^index\//, "");
    if (!this.isKubernetes) return path.join(this.root, folder);
    const [group, version] = folder.split("/");
    const groups = { "rbac.authorization.k8s.io": "rbac", "networking.k8s.io": "networking", "scheduling.k8s.io": "scheduling",
      "node.k8s.io": "node", "helm.sh": "helm" };
    return path.join(this.root, groups[group] ?? group, version, name[0].toLowerCase() + name.slice(1));
  }

  resource(token) {
    const name = token.split(":").at(-1), file = this.file(token);
    const found = declarations(`${file}.d.ts`);
    const answer = this.members(found.get(name), name), input = this.members(found.get(`${name}Args`), name);
    const aliases = this.code(`${file}.js`, input.properties, answer.properties);
    const isComponent = /extends pulumi\.ComponentResource/.test(found.get(name).getText());
    const module = token.split(":")[1];
    const space = this.spec.namespaces[this.isKubernetes ? module : module.split("/")[0]];
    return {
      properties: answer.properties, required: answer.required, ...(isComponent ? { isComponent } : {}),
      inputProperties: sorted(input.properties), requiredInputs: input.required.filter((one) => !input.properties[one].const),
      ...(aliases.length ? { aliases } : {}),
      language: { csharp: { class: `${this.spec.packageName}.${space}.${name}` } },
    };
  }

  provider() {
    const found = declarations(path.join(this.root, "provider.d.ts"));
    const answer = this.members(found.get("Provider"), "Provider"), input = this.members(found.get("ProviderArgs"), "Provider");
    this.code(path.join(this.root, "provider.js"), input.properties, answer.properties);
    return {
      properties: answer.properties, required: answer.required,
      inputProperties: input.properties, requiredInputs: input.required,
    };
  }

  invocation(token) {
    const name = token.split(":").at(-1), type = name[0].toUpperCase() + name.slice(1);
    const found = declarations(`${this.file(token)}.d.ts`);
    const given = found.get(`${type}Args`);
    return {
      ...(given ? { inputs: { type: "object", ...this.members(given, type) } } : {}),
      outputs: { type: "object", ...this.members(found.get(`${type}Result`), type) },
    };
  }

  schema() {
    const { version } = JSON.parse(fs.readFileSync(path.join(this.root, "package.json"), "utf8"));
    const provider = this.provider();
    const resources = Object.fromEntries(this.spec.resources.map((token) => [token, this.resource(token)]));
    const functions = Object.fromEntries(this.spec.functions.map((token) => [token, this.invocation(token)]));
    for (let next = this.open.shift(); next; next = this.open.shift()) this.types[next[0]] = this.type(...next);
    const csharp = { rootNamespace: "Pulumi", packageName: this.spec.packageName, namespaces: this.spec.namespaces };
    return {
      name: this.name, version, meta: { moduleFormat: this.spec.moduleFormat, derivedFrom: `${this.spec.npm}@${version}` },
      language: { csharp }, provider, resources, types: sorted(this.types), functions,
    };
  }
}

/** One line for each entry, so that a change of one resource is a change of one line. */
function write(schema) {
  const section = (entries) => `{\n${Object.entries(entries).map(([token, entry]) => `  "${token}": ${JSON.stringify(entry)}`).join(",\n")}\n }`;
  const lines = Object.entries(schema).map(([key, value]) =>
    ` "${key}": ${["resources", "types", "functions"].includes(key) ? section(value) : JSON.stringify(value)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

fs.mkdirSync(output, { recursive: true });
for (const [name, spec] of Object.entries(selection)) {
  fs.writeFileSync(path.join(output, `${name}.json`), write(new Package(name, spec).schema()));
}
