using System.Globalization;
using System.Text.Json;

namespace Pulumi;

/// <summary>Makes outputs and puts several into one.</summary>
public static partial class Output
{
    public static Output<T> Create<T>(T value) => Create(Task.FromResult(value));

    public static Output<T> Create<T>(Task<T> value) => Output<T>.Create(value);

    public static Output<T> CreateSecret<T>(T value) => CreateSecret(Task.FromResult(value));

    public static Output<T> CreateSecret<T>(Task<T> value) => Output<T>.Secret(value);

    public static Output<T> CreateSecret<T>(Output<T> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.WithSecretness(_ => Task.FromResult(true));
    }

    /// <summary>The same value without its secret mark; the original keeps it.</summary>
    public static Output<T> Unsecret<T>(Output<T> output) => output.WithSecretness(_ => Task.FromResult(false));

    public static async Task<bool> IsSecretAsync<T>(Output<T> output) =>
        (await output.DataTask.ConfigureAwait(false)).IsSecret;

    public static Output<ImmutableArray<T>> All<T>(params Input<T>[] inputs) => All(inputs.AsEnumerable());

    public static Output<ImmutableArray<T>> All<T>(IEnumerable<Input<T>> inputs) =>
        new(AllAsync([.. inputs.Select(input => (Output<T>)input)]));

    public static Output<ImmutableArray<T>> All<T>(params Output<T>[] outputs) => All(outputs.AsEnumerable());

    public static Output<ImmutableArray<T>> All<T>(IEnumerable<Output<T>> outputs) => new(AllAsync([.. outputs]));

    /// <summary>Fills the holes of an interpolated string once all of them are known.</summary>
    public static Output<string> Format(FormattableString formattableString)
    {
        var holes = formattableString.GetArguments().Select(Untyped);
        // As string.Format does in the official SDK; the programs run without culture data.
        return All(holes).Apply(values =>
            string.Format(CultureInfo.CurrentCulture, formattableString.Format, [.. values]));
    }

    /// <summary>Writes a value as JSON, looking through the inputs and outputs inside it.</summary>
    public static Output<string> JsonSerialize<T>(Output<T> value, JsonSerializerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(Serialization.OutputJson.WriteAsync(value, options));
    }

    public static Output<T> JsonDeserialize<T>(Output<string> json, JsonSerializerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        return new(Serialization.OutputJson.ReadAsync<T>(json, options));
    }

    /// <summary>Anything as an output of an object: inputs and outputs keep what they carry.</summary>
    internal static Output<object?> Untyped(object? value) => value switch
    {
        IInput input => new(input.ToOutput().GetDataAsync()),
        IOutput output => new(output.GetDataAsync()),
        _ => Create(value),
    };

    private static async Task<OutputData<ImmutableArray<T>>> AllAsync<T>(ImmutableArray<Output<T>> outputs)
    {
        var all = new OutputData<T>(OutputData<T>.NoResources, default!, IsKnown: true, IsSecret: false);
        var values = ImmutableArray.CreateBuilder<T>(outputs.Length);
        foreach (var output in outputs)
        {
            var data = await output.DataTask.ConfigureAwait(false);
            values.Add(data.Value);
            all = all.Join(data);
        }
        return new(all.Resources, values.MoveToImmutable(), all.IsKnown, all.IsSecret);
    }
}
