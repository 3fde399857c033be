using ControlPlane.Policies.Stacks;
using Google.Protobuf.WellKnownTypes;

namespace ControlPlane.Pack;

/// <summary>Turns the engine's property values into those that rules read, and back.</summary>
internal static class StructValues
{
    public static PlanMap Read(Struct? properties) => properties is null
        ? PlanMap.Empty
        : PlanMap.Of(properties.Fields.Select(field => (field.Key, Read(field.Value))));

    public static PlanValue Read(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.BoolValue => new PlanFlag(value.BoolValue),
        Value.KindOneofCase.NumberValue => new PlanNumber(value.NumberValue),
        Value.KindOneofCase.StringValue when value.StringValue == PlanValue.UnknownMarker => PlanUnknown.Instance,
        Value.KindOneofCase.StringValue => new PlanText(value.StringValue),
        Value.KindOneofCase.ListValue => new PlanList(value.ListValue.Values.Select(Read).ToSeq()),
        Value.KindOneofCase.StructValue => ReadObject(value.StructValue),
        _ => PlanNothing.Instance,
    };

    public static Struct Write(PlanMap map)
    {
        var properties = new Struct();
        foreach (var field in map.Fields) properties.Fields[field.Name] = Write(field.Value);
        return properties;
    }

    private static Value Write(PlanValue value) => value switch
    {
        PlanFlag flag => Value.ForBool(flag.Value),
        PlanNumber number => Value.ForNumber(number.Value),
        PlanText text => Value.ForString(text.Value),
        PlanUnknown => Value.ForString(PlanValue.UnknownMarker),
        PlanList list => Value.ForList([.. list.Values.Select(Write)]),
        PlanMap map => Value.ForStruct(Write(map)),
        PlanSecret secret => Value.ForStruct(new Struct
        {
            Fields =
            {
                [PlanValue.MarkerKey] = Value.ForString(PlanValue.SecretMarker),
                ["value"] = Write(secret.Value),
            },
        }),
        _ => Value.ForNull(),
    };

    // An output value of the newer kind carries its value, whether it is secret, and nothing while it is unknown.
    private static PlanValue ReadObject(Struct value)
    {
        const string outputMarker = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
        var fields = value.Fields;
        if (!fields.TryGetValue(PlanValue.MarkerKey, out var marker)) return Read(value);
        if (marker.StringValue == PlanValue.SecretMarker)
            return new PlanSecret(fields.TryGetValue("value", out var bare) ? Read(bare) : PlanUnknown.Instance);
        if (marker.StringValue != outputMarker) return Read(value);
        var inner = fields.TryGetValue("value", out var known) ? Read(known) : PlanUnknown.Instance;
        return fields.TryGetValue("secret", out var secret) && secret.BoolValue ? new PlanSecret(inner) : inner;
    }
}
