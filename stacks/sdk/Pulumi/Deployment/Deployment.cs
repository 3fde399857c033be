using System.Collections.Concurrent;

namespace Pulumi;

/// <summary>Runs a program against the engine, or against doubles in tests.</summary>
public sealed partial class Deployment
{
    // The program reaches its run through a static name, as the official SDK wants it; each run has its own.
    private static readonly AsyncLocal<DeploymentInstance?> Running = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<bool>>> features = new();
    private readonly Registrar registrar;
    private readonly Invoker invoker;
    private Stack? stack;

    internal Deployment(DeploymentSettings settings, IMonitor monitor, IEngine engine)
    {
        Settings = settings;
        Monitor = monitor;
        Logger = new(engine, Tasks);
        registrar = new(this);
        invoker = new(this);
    }

    public static DeploymentInstance Instance => Running.Value
        ?? throw new InvalidOperationException("Trying to acquire Deployment.Instance before 'Run' was called.");

    internal static Deployment? Current => Running.Value?.Deployment;

    internal static Deployment Required => Instance.Deployment;

    internal DeploymentSettings Settings { get; }

    internal IMonitor Monitor { get; }

    internal EngineLogger Logger { get; }

    internal TasksInFlight Tasks { get; } = new();

    internal Stack Stack
    {
        get =>
            stack ?? throw new InvalidOperationException("Trying to acquire Deployment.Stack before 'Run' was called.");
        set => stack = value;
    }

    internal IReadOnlyList<string> Waiting => registrar.Graph.Waiting;

    internal void Begin(Resource resource, bool isRemote, ResourceArgs args, ResourceOptions options) =>
        Tasks.Track(registrar.CompleteAsync(resource, isRemote, args, options));

    internal void BeginOutputs(Resource resource, Output<IDictionary<string, object?>> outputs) =>
        Tasks.Track(registrar.CompleteOutputsAsync(resource, outputs));

    internal Output<T> Invoke<T>(string token, InvokeArgs? args, InvokeOptions? options) =>
        new(invoker.OutputAsync<T>(token, args, options));

    internal Task<T> InvokeAsync<T>(string token, InvokeArgs? args, InvokeOptions? options) =>
        invoker.PlainAsync<T>(token, args, options);

    internal Task<bool> SupportsAsync(string feature) =>
        features.GetOrAdd(feature, name => new(() => Monitor.SupportsAsync(name))).Value;

    internal Task<bool> KeepsResourcesAsync() => SupportsAsync("resourceReferences");
}
