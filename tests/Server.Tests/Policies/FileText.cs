using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace ControlPlane.Server.Tests.Policies;

/// <summary>
/// Writes a record as the file that it would be read from: JSON, which is YAML, with only what is said. Reading it back
/// gives the same record.
/// </summary>
internal static class FileText
{
    public static string Of(object record)
    {
        var body = (JsonObject)Node(record)!;
        body.Insert(0, "schemaVersion", 1);
        return body.ToJsonString();
    }

    private static JsonNode? Node(object value) => value switch
    {
        string text => text,
        bool flag => flag,
        int number => number,
        long number => number,
        decimal number => number,
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Enum choice => NameOf(choice.ToString()),
        IEnumerable items => new JsonArray([.. items.Cast<object>().Select(Node)]),
        _ when value.GetType().IsValueType => value.ToString(),
        _ => ObjectOf(value),
    };

    private static JsonObject ObjectOf(object record)
    {
        var written = new JsonObject();
        // The attribute that names a case is not for everybody to see.
        var named = record.GetType().CustomAttributes
            .FirstOrDefault(item => item.AttributeType.Name == "FileCaseAttribute");
        if (named is not null) written["kind"] = (string)named.ConstructorArguments[0].Value!;
        foreach (var property in record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.SetMethod is not { IsPublic: true } || property.GetIndexParameters().Length > 0) continue;
            var value = property.GetValue(record);
            if (value is null) continue;
            var required = property.IsDefined(typeof(RequiredMemberAttribute));
            var optional = Nullable.GetUnderlyingType(property.PropertyType) is not null;
            // What is left out says the same; an empty list that may be null says something.
            var blank = value is false || (value is IEnumerable and not string && IsEmpty(value));
            if (blank && !required && !optional) continue;
            written[NameOf(property.Name)] = Node(value);
        }

        return written;
    }

    private static bool IsEmpty(object value) => !((IEnumerable)value).Cast<object>().Any();

    private static string NameOf(string member) => char.ToLowerInvariant(member[0]) + member[1..];
}
