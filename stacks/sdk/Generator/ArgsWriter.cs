namespace ControlPlane.Pulumi.Generator;

/// <summary>Writes the classes that inputs are given in.</summary>
internal sealed class ArgsWriter(TypeNames names, Code code)
{
    public void Write(string name, string parent, IReadOnlyList<Property> properties, Side side)
    {
        code.Block($"public sealed class {name} : global::Pulumi.{parent}", () =>
        {
            foreach (var property in properties)
            {
                if (side == Side.FunctionPlain)
                {
                    WritePlain(property);
                }
                else
                {
                    WriteInput(property, side);
                }
            }
            WriteDefaults(name, properties);
            code.Line($"public static new {name} Empty => new {name}();");
        });
    }

    private static string Mark(Property property)
    {
        var required = property.IsRequired ? ", required: true" : "";
        var json = property.IsJson ? ", json: true" : "";
        return $"[Input(\"{property.Name}\"{required}{json})]";
    }

    private void WriteInput(Property property, Side side)
    {
        var type = names.Input(property.Spec, side);
        if (property.IsDeprecated)
        {
            // Marked in the schema only; the official classes say so with an attribute, which is a warning for users.
            code.Line($"[Obsolete(\"deprecated by the provider\")]");
        }
        if (property.IsList || property.IsMap)
        {
            WriteLazy(property, type);
        }
        else if (property.IsSecret)
        {
            WriteSecret(property, type);
        }
        else
        {
            code.Line(Mark(property));
            code.Line(property.IsRequired
                ? $"public {type} {property.CsharpName} {{ get; set; }} = null!;"
                : $"public {type}? {property.CsharpName} {{ get; set; }}");
        }
    }

    /// <summary>Lists and maps are there when they are first touched, so that initializers can add to them.</summary>
    private void WriteLazy(Property property, string type)
    {
        code.Line($"{Mark(property)} private {type}? {property.Field};");
        code.Block($"public {type} {property.CsharpName}", () =>
        {
            code.Line($"get => {property.Field} ?? ({property.Field} = new {type}());");
            code.Line(property.IsSecret
                ? $"set => {property.Field} = Defaults.Secret(value);"
                : $"set => {property.Field} = value;");
        });
    }

    private void WriteSecret(Property property, string type)
    {
        var optional = property.IsRequired ? "" : "?";
        code.Line($"{Mark(property)} private {type}? {property.Field};");
        code.Block($"public {type}{optional} {property.CsharpName}", () =>
        {
            code.Line($"get => {property.Field}{(property.IsRequired ? "!" : "")};");
            code.Line($"set => {property.Field} = Defaults.Secret(value);");
        });
    }

    private void WritePlain(Property property)
    {
        var type = names.Plain(property.Spec);
        if (property.IsList || property.IsMap)
        {
            code.Line($"{Mark(property)} private {type}? {property.Field};");
            code.Block($"public {type} {property.CsharpName}", () =>
            {
                code.Line($"get => {property.Field} ?? ({property.Field} = new {type}());");
                code.Line($"set => {property.Field} = value;");
            });
            return;
        }
        code.Line(Mark(property));
        code.Line(property.IsRequired
            ? $"public {type} {property.CsharpName} {{ get; set; }} = default!;"
            : $"public {type}? {property.CsharpName} {{ get; set; }}");
    }

    private void WriteDefaults(string name, IReadOnlyList<Property> properties) => code.Block($"public {name}()", () =>
    {
        foreach (var property in properties)
        {
            var variables = property.Spec.TryGetProperty("defaultInfo", out var sources)
                ? sources.GetProperty("environment").EnumerateArray().Select(name => $"\"{name.GetString()}\"").ToList()
                : [];
            var fallback = property.Spec.TryGetProperty("default", out var value) ? value.GetRawText() : null;
            var method = names.Inner(property.Spec, Side.Input) == "bool" ? "Flag" : "Text";
            if (variables.Count > 0)
            {
                var last = fallback is null ? "" : $" ?? {fallback}";
                code.Line($"{property.CsharpName} = Defaults.{method}({string.Join(", ", variables)}){last};");
            }
            else if (fallback is not null)
            {
                code.Line($"{property.CsharpName} = {fallback};");
            }
        }
    });
}
