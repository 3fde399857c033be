namespace Pulumi;

/// <summary>Reads an input whose value type is not known at compile time.</summary>
internal interface IInput
{
    /// <summary>
    /// What is sent: lists and maps give their elements as inputs, so that each keeps its own secret mark.
    /// </summary>
    IOutput ToOutput();
}

/// <summary>Takes either a plain value or an output.</summary>
public class Input<T> : IInput
{
    private protected Input(Output<T> output) => Flat = output ?? throw new ArgumentNullException(nameof(output));

    private protected Output<T> Flat { get; set; }

    public static implicit operator Input<T>(T value) => new(Output.Create(value));

    public static implicit operator Input<T>(Output<T> value) => new(value);

    public static implicit operator Output<T>(Input<T> input) => input.Flat;

    IOutput IInput.ToOutput() => ToSend();

    private protected virtual IOutput ToSend() => Flat;
}

/// <summary>Lets inputs be used as outputs are.</summary>
public static class InputExtensions
{
    public static Output<TResult> Apply<T, TResult>(this Input<T>? input, Func<T, TResult> func) =>
        input.ToOutput().Apply(func);

    public static Output<TResult> Apply<T, TResult>(this Input<T>? input, Func<T, Task<TResult>> func) =>
        input.ToOutput().Apply(func);

    public static Output<TResult> Apply<T, TResult>(this Input<T>? input, Func<T, Input<TResult>?> func) =>
        input.ToOutput().Apply(func);

    public static Output<TResult> Apply<T, TResult>(this Input<T>? input, Func<T, Output<TResult>?> func) =>
        input.ToOutput().Apply(func);

    public static Output<T> ToOutput<T>(this Input<T>? input) =>
        input is null ? Output.Create(default(T)!) : (Output<T>)input;
}

/// <summary>Lets lists of unions take either of their types.</summary>
public static class InputListExtensions
{
    public static void Add<T0, T1>(this InputList<Union<T0, T1>> list, Input<T0> value) =>
        list.Add(value.ToOutput().Apply(item => (Union<T0, T1>)item));

    public static void Add<T0, T1>(this InputList<Union<T0, T1>> list, Input<T1> value) =>
        list.Add(value.ToOutput().Apply(item => (Union<T0, T1>)item));
}

/// <summary>Lets maps of unions take either of their types.</summary>
public static class InputMapExtensions
{
    public static void Add<T0, T1>(this InputMap<Union<T0, T1>> map, string key, Input<T0> value) =>
        map.Add(key, value.ToOutput().Apply(item => (Union<T0, T1>)item));

    public static void Add<T0, T1>(this InputMap<Union<T0, T1>> map, string key, Input<T1> value) =>
        map.Add(key, value.ToOutput().Apply(item => (Union<T0, T1>)item));
}
