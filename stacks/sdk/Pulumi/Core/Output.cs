namespace Pulumi;

/// <summary>Reads an output whose value type is not known at compile time.</summary>
internal interface IOutput
{
    Task<OutputData<object?>> GetDataAsync();
}

/// <summary>Stands for a value that may come later, with what it depends on and whether it is secret.</summary>
public sealed class Output<T> : IOutput
{
    internal Output(Task<OutputData<T>> data)
    {
        DataTask = data;
        // A program ends only when everything it asked for has an answer, also what nobody awaits.
        Deployment.Current?.Tasks.Track(data);
    }

    internal Task<OutputData<T>> DataTask { get; }

    public static Output<T> Create(Task<T> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(KnownAsync(value, isSecret: false));
    }

    public Output<U> Apply<U>(Func<T, U> func) => Apply(value => Output.Create(func(value)));

    public Output<U> Apply<U>(Func<T, Task<U>> func) => Apply(value => Output.Create(func(value)));

    public Output<U> Apply<U>(Func<T, Input<U>?> func) => Apply(value => func(value).ToOutput());

    /// <summary>
    /// Maps the value once it is known; secretness and dependencies of both sides stay with the result.
    /// </summary>
    public Output<U> Apply<U>(Func<T, Output<U>?> func) => new(ApplyAsync(func));

    /// <summary>Outputs have no text; this says what to do instead.</summary>
    public override string ToString() => string.Join(
        Environment.NewLine,
        "Calling [ToString] on an [Output<T>] is not supported.",
        "",
        "To get the value of an Output<T> as an Output<string> consider:",
        "1. o.Apply(v => $\"prefix{v}suffix\")",
        "2. Output.Format($\"prefix{hostname}suffix\");",
        "",
        "See https://www.pulumi.com/docs/concepts/inputs-outputs for more details.",
        "This function may throw in a future version of Pulumi.");

    internal static Output<T> Secret(Task<T> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(KnownAsync(value, isSecret: true));
    }

    internal static Output<T> Unknown(T whileUnknown = default!) => new(Task.FromResult(
        new OutputData<T>(OutputData<T>.NoResources, whileUnknown, IsKnown: false, IsSecret: false)));

    internal Output<T> WithSecretness(Func<OutputData<T>, Task<bool>> secretness)
    {
        async Task<OutputData<T>> MarkAsync()
        {
            var data = await DataTask.ConfigureAwait(false);
            return data with { IsSecret = await secretness(data).ConfigureAwait(false) };
        }
        return new(MarkAsync());
    }

    internal async Task<T> GetValueAsync(T whenUnknown)
    {
        var data = await DataTask.ConfigureAwait(false);
        return data.IsKnown ? data.Value : whenUnknown;
    }

    async Task<OutputData<object?>> IOutput.GetDataAsync() => (await DataTask.ConfigureAwait(false)).Untyped;

    private static async Task<OutputData<T>> KnownAsync(Task<T> value, bool isSecret) =>
        new(OutputData<T>.NoResources, await value.ConfigureAwait(false), IsKnown: true, isSecret);

    private async Task<OutputData<U>> ApplyAsync<U>(Func<T, Output<U>?> func)
    {
        var data = await DataTask.ConfigureAwait(false);
        if (!data.IsKnown)
        {
            return data.With<U>(default!);
        }
        return func(data.Value) is { } inner
            ? data.Join(await inner.DataTask.ConfigureAwait(false))
            : data.With<U>(default!);
    }
}
