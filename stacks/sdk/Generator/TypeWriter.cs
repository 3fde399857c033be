using System.Globalization;

namespace ControlPlane.Pulumi.Generator;

/// <summary>Writes the classes that values come back in, and the structs that stand for enumerations.</summary>
internal sealed class TypeWriter(TypeNames names, Code code)
{
    public void WriteOutput(string name, IReadOnlyList<Property> properties)
    {
        code.Line("[OutputType]");
        code.Block($"public sealed class {name}", () =>
        {
            foreach (var property in properties)
            {
                code.Line($"public readonly {Output(property)} {property.CsharpName};");
            }
            code.Line("[OutputConstructor]");
            var parameters = properties.Select(property => $"{Output(property)} {property.Parameter}");
            code.Block($"private {name}({string.Join(", ", parameters)})", () =>
            {
                foreach (var property in properties)
                {
                    code.Line($"{property.CsharpName} = {property.Parameter};");
                }
            });
        });
    }

    public void WriteEnum(string name, Entry entry)
    {
        code.Line("[EnumType]");
        code.Block($"public readonly struct {name} : IEquatable<{name}>", () =>
        {
            code.Line("private readonly string _value;");
            code.Line(
                $"private {name}(string value) => _value = value ?? throw new ArgumentNullException(nameof(value));");
            foreach (var item in entry.Spec.GetProperty("enum").EnumerateArray())
            {
                var value = item.GetProperty("value").GetRawText();
                code.Line(
                    $"public static {name} {item.GetProperty("name").GetString()} {{ get; }} = new {name}({value});");
            }
            code.Line($"public static bool operator ==({name} left, {name} right) => left.Equals(right);");
            code.Line($"public static bool operator !=({name} left, {name} right) => !left.Equals(right);");
            code.Line($"public static explicit operator string({name} value) => value._value;");
            code.Line($"public override bool Equals(object? obj) => obj is {name} other && Equals(other);");
            code.Line(
                $"public bool Equals({name} other) => string.Equals(_value, other._value, StringComparison.Ordinal);");
            code.Line("public override int GetHashCode() => _value?.GetHashCode() ?? 0;");
            code.Line("public override string ToString() => _value;");
        });
    }

    /// <summary>The type of a value that comes back; lists are never null.</summary>
    public string Output(Property property)
    {
        var type = names.Inner(property.Spec, Side.Output);
        return property.IsRequired || property.IsList ? type : type + "?";
    }

    public static string Literal(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
}
