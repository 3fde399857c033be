using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pulumi.Serialization;

/// <summary>Writes and reads JSON of values that hold inputs and outputs.</summary>
internal static class OutputJson
{
    public static async Task<OutputData<string>> WriteAsync<T>(Output<T> value, JsonSerializerOptions? options)
    {
        var data = await value.DataTask.ConfigureAwait(false);
        if (!data.IsKnown)
        {
            return data.With("");
        }
        var inner = new Factory(data.Untyped);
        // Converters cannot wait, so the waiting is done where nobody else is kept from working.
        var json = await Task.Run(() => JsonSerializer.Serialize(data.Value, With(options, inner)))
            .ConfigureAwait(false);
        return inner.Seen.With(json);
    }

    public static async Task<OutputData<T>> ReadAsync<T>(Output<string> json, JsonSerializerOptions? options)
    {
        var data = await json.DataTask.ConfigureAwait(false);
        return data.IsKnown
            ? data.With(JsonSerializer.Deserialize<T>(data.Value, With(options, new Factory(data.Untyped)))!)
            : data.With<T>(default!);
    }

    private static JsonSerializerOptions With(JsonSerializerOptions? options, Factory factory)
    {
        var copy = options is null ? new JsonSerializerOptions() : new JsonSerializerOptions(options);
        copy.Converters.Add(factory);
        return copy;
    }

    /// <summary>Makes converters that look into outputs and remember what they saw there.</summary>
    private sealed class Factory(OutputData<object?> outer) : JsonConverterFactory
    {
        private OutputData<object?> inside = new(OutputData<object?>.NoResources, null, IsKnown: true, IsSecret: false);

        public OutputData<object?> Seen => outer.Join(inside);

        public override bool CanConvert(Type typeToConvert) =>
            typeToConvert.IsGenericType
            && typeToConvert.GetGenericTypeDefinition() is var shape
            && (shape == typeof(Output<>) || shape == typeof(Input<>));

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options)
        {
            var shape = typeToConvert.GetGenericTypeDefinition() == typeof(Output<>)
                ? typeof(OutputConverter<>)
                : typeof(InputConverter<>);
            return (JsonConverter)Activator.CreateInstance(
                shape.MakeGenericType(typeToConvert.GenericTypeArguments), this)!;
        }

        public void Write<T>(Utf8JsonWriter writer, Output<T> output, JsonSerializerOptions options)
        {
            var data = output.DataTask.GetAwaiter().GetResult();
            inside = inside.Join(data.Untyped);
            if (data.IsKnown)
            {
                JsonSerializer.Serialize(writer, data.Value, options);
            }
            else
            {
                writer.WriteNullValue();
            }
        }

        public Output<T> Read<T>(ref Utf8JsonReader reader, JsonSerializerOptions options) =>
            new(Task.FromResult(outer.With(JsonSerializer.Deserialize<T>(ref reader, options)!)));
    }

    private sealed class OutputConverter<T>(Factory factory) : JsonConverter<Output<T>>
    {
        public override Output<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            factory.Read<T>(ref reader, options);

        public override void Write(Utf8JsonWriter writer, Output<T> value, JsonSerializerOptions options) =>
            factory.Write(writer, value, options);
    }

    private sealed class InputConverter<T>(Factory factory) : JsonConverter<Input<T>>
    {
        public override Input<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            factory.Read<T>(ref reader, options);

        public override void Write(Utf8JsonWriter writer, Input<T> value, JsonSerializerOptions options) =>
            factory.Write<T>(writer, value, options);
    }
}
