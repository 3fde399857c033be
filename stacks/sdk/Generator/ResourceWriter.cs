namespace ControlPlane.Pulumi.Generator;

/// <summary>Writes the classes of resources, of the provider and of functions.</summary>
internal sealed class ResourceWriter(Schema schema, TypeNames names, Code code)
{
    private readonly TypeWriter types = new(names, code);
    private readonly ArgsWriter args = new(names, code);

    public void WriteResource(Entry entry)
    {
        var full = entry.Spec.GetProperty("language").GetProperty("csharp").GetProperty("class").GetString()!;
        var space = full[..full.LastIndexOf('.')];
        var name = full[(full.LastIndexOf('.') + 1)..];
        var inputs = Property.Of(entry.Spec, "inputProperties", Property.Names(entry.Spec, "requiredInputs"));
        var outputs = Property.Of(entry.Spec, "properties", Property.Names(entry.Spec, "required"));
        // Kubernetes classes with the same name in different groups are told apart by where their arguments live.
        var argsSpace = schema.IsKubernetes
            ? $"{schema.Namespace}.Types.Inputs{space[schema.Namespace.Length..]}"
            : space;
        code.Block(
            $"namespace {space}", () => WriteClass(entry, name, $"global::{argsSpace}.{name}Args", (inputs, outputs)));
        code.Block($"namespace {argsSpace}", () => args.Write($"{name}Args", "ResourceArgs", inputs, Side.Input));
        if (!schema.IsKubernetes)
        {
            var state = outputs.Select(property => property with { IsRequired = false }).ToList();
            code.Block($"namespace {space}", () => args.Write($"{name}State", "ResourceArgs", state, Side.State));
        }
    }

    public void WriteProvider()
    {
        var inputs = Property.Of(schema.Provider, "inputProperties", Property.Names(schema.Provider, "requiredInputs"));
        var outputs = Property.Of(schema.Provider, "properties", Property.Names(schema.Provider, "required"));
        var optional = inputs.All(property => !property.IsRequired);
        code.Block($"namespace {schema.Namespace}", () =>
        {
            code.Block("public partial class Provider : global::Pulumi.ProviderResource", () =>
            {
                WriteOutputs(outputs);
                code.Line($"public Provider(string name, ProviderArgs{(optional ? "? args = null" : " args")}, "
                    + "CustomResourceOptions? options = null)");
                code.Block($"    : base(\"{schema.Package}\", name, args ?? new ProviderArgs(), "
                    + "MakeResourceOptions(options, \"\"))", () => { });
                WriteMakeOptions("CustomResourceOptions", outputs, aliases: []);
            });
            args.Write("ProviderArgs", "ResourceArgs", inputs, Side.Input);
            code.Block("internal static class PackageVersion", () =>
                code.Line($"public const string Text = \"{schema.Version}\";"));
        });
    }

    public void WriteFunction(Entry entry)
    {
        var name = Schema.Name(entry.Token);
        name = char.ToUpperInvariant(name[0]) + name[1..];
        var space = string.Join(
            '.', new[] { schema.Namespace, schema.Module(entry.Token) }.Where(part => part.Length > 0));
        var outputs = entry.Spec.GetProperty("outputs");
        var hasInputs = entry.Spec.TryGetProperty("inputs", out var given);
        var inputs = hasInputs ? Property.Of(given, "properties", Property.Names(given, "required")) : [];
        code.Block($"namespace {space}", () =>
        {
            code.Block($"public static class {name}", () => WriteCalls(entry.Token, name, inputs));
            if (inputs.Count > 0)
            {
                args.Write($"{name}Args", "InvokeArgs", inputs, Side.FunctionPlain);
                args.Write($"{name}InvokeArgs", "InvokeArgs", inputs, Side.FunctionInput);
            }
            types.WriteOutput($"{name}Result", Property.Of(outputs, "properties", Property.Names(outputs, "required")));
        });
    }

    private void WriteClass(
        Entry entry, string name, string argsType,
        (IReadOnlyList<Property> Inputs, IReadOnlyList<Property> Outputs) properties)
    {
        var (inputs, outputs) = properties;
        var isComponent = entry.Has("isComponent");
        var options = isComponent ? "ComponentResourceOptions" : "CustomResourceOptions";
        var parent = isComponent ? "global::Pulumi.ComponentResource"
            : schema.IsKubernetes ? "global::Pulumi.Kubernetes.KubernetesResource"
            : "global::Pulumi.CustomResource";
        var constants = inputs.Where(property => property.Constant is not null).ToList();
        var given = constants.Count > 0 ? "MakeArgs(args)" : $"args ?? new {argsType}()";
        var optional = inputs.All(property => !property.IsRequired);
        var aliases = entry.Spec.TryGetProperty("aliases", out var former)
            ? former.EnumerateArray().Select(alias => alias.GetProperty("type").GetString()!).ToList()
            : [];
        code.Block($"public partial class {name} : {parent}", () =>
        {
            WriteOutputs(outputs);
            code.Line($"public {name}(string name, {argsType}{(optional ? "? args = null" : " args")}, "
                + $"{options}? options = null)");
            code.Block($"    : base(\"{entry.Token}\", name, {given}, MakeResourceOptions(options, \"\")"
                + $"{(isComponent ? ", remote: true" : "")})", () => { });
            if (constants.Count > 0)
            {
                WriteMakeArgs(argsType, constants);
            }
            WriteMakeOptions(options, outputs, aliases);
            if (!isComponent)
            {
                WriteGet(entry.Token, name);
            }
        });
    }

    private void WriteOutputs(IReadOnlyList<Property> outputs)
    {
        foreach (var output in outputs)
        {
            code.Line($"[Output(\"{output.Name}\")]");
            code.Line($"public Output<{types.Output(output)}> {output.CsharpName} {{ get; private set; }} = null!;");
        }
    }

    private void WriteMakeArgs(string argsType, IReadOnlyList<Property> constants) =>
        code.Block($"private static ResourceArgs MakeArgs({argsType}? args)", () =>
        {
            code.Line($"args ??= new {argsType}();");
            foreach (var constant in constants)
            {
                code.Line($"args.{constant.CsharpName} = {TypeWriter.Literal(constant.Constant!)};");
            }
            code.Line("return args;");
        });

    private void WriteMakeOptions(string options, IReadOnlyList<Property> outputs, List<string> aliases)
    {
        code.Block($"private static {options} MakeResourceOptions({options}? options, Input<string>? id)", () =>
        {
            code.Line($"var merged = {options}.Merge(new {options}");
            code.Line("{");
            code.Line($"    Version = \"{schema.Version}\",");
            var secrets = outputs.Where(output => output.IsSecret).Select(output => $"\"{output.Name}\"").ToList();
            if (secrets.Count > 0)
            {
                code.Line($"    AdditionalSecretOutputs = {{ {string.Join(", ", secrets)} }},");
            }
            if (aliases.Count > 0)
            {
                var list = aliases.Select(alias => $"new global::Pulumi.Alias {{ Type = \"{alias}\" }}");
                code.Line($"    Aliases = {{ {string.Join(", ", list)} }},");
            }
            code.Line("}, options);");
            code.Line("merged.Id = id ?? merged.Id;");
            code.Line("return merged;");
        });
    }

    private void WriteGet(string token, string name)
    {
        // Kubernetes objects are read by id alone; what the other clouds read may be told apart by more.
        var parameter = schema.IsKubernetes ? "" : $", {name}State? state = null";
        var state = schema.IsKubernetes ? "null" : "state";
        var pass = schema.IsKubernetes ? "" : ", state";
        var signature = $"string name, Input<string> id{parameter}, CustomResourceOptions? options = null";
        code.Line($"private {name}({signature})");
        code.Block($"    : base(\"{token}\", name, {state}, MakeResourceOptions(options, id))", () => { });
        code.Line($"public static {name} Get({signature}) => new {name}(name, id{pass}, options);");
    }

    private void WriteCalls(string token, string name, IReadOnlyList<Property> inputs)
    {
        var optional = inputs.All(property => !property.IsRequired) ? "?" : "";
        var none = optional.Length > 0 ? " = null" : "";
        Write("Task", "InvokeAsync", $"{name}Args", "InvokeOptions? options = null");
        Write("Output", "Invoke", $"{name}InvokeArgs", "InvokeOptions? options = null");
        Write("Output", "Invoke", $"{name}InvokeArgs", "InvokeOutputOptions options");

        void Write(string wrapper, string method, string argsType, string options)
        {
            // Where options must be given, nothing before them can be left out.
            var defaulted = options.EndsWith("null", StringComparison.Ordinal) ? none : "";
            var parameter = inputs.Count > 0 ? $"{argsType}{optional} args{defaulted}, " : "";
            var pass = inputs.Count > 0 ? $"args ?? new {argsType}()" : "InvokeArgs.Empty";
            code.Line($"public static {wrapper}<{name}Result> {method}({parameter}{options})");
            code.Line($"    => global::Pulumi.Deployment.Instance.{method}<{name}Result>(\"{token}\", {pass}, "
                + $"Defaults.With(options, \"{schema.Version}\"));");
        }
    }
}
