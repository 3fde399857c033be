using System.Reflection;
using ControlPlane.Rpc;
using Pulumi.Testing;

namespace Pulumi;

public sealed partial class Deployment
{
    public static Task<int> RunAsync(Action action) => RunAsync(() =>
    {
        action();
        return NoOutputs();
    });

    public static Task<int> RunAsync(Func<IDictionary<string, object?>> func) =>
        RunAsync(() => Task.FromResult(func()));

    public static Task<int> RunAsync(Func<Task> func) => RunAsync(async () =>
    {
        await func().ConfigureAwait(false);
        return NoOutputs();
    });

    /// <summary>Runs a program; what it answers with becomes the outputs of the stack.</summary>
    public static Task<int> RunAsync(Func<Task<IDictionary<string, object?>>> func, StackOptions? options = null) =>
        RunAsync(() => new Stack(func, options), FromEngine);

    /// <summary>Runs a program that is a stack with its outputs as properties.</summary>
    public static Task<int> RunAsync<TStack>()
        where TStack : Stack, new() => RunAsync(Create<TStack>, FromEngine);

    public static Task<int> RunAsync<TStack>(IServiceProvider serviceProvider)
        where TStack : Stack => RunAsync(() => Create<TStack>(serviceProvider), FromEngine);

    /// <summary>Runs a stack against doubles and gives what it registered; an error of the stack is thrown.</summary>
    public static Task<ImmutableArray<Resource>> TestAsync<TStack>(IMocks mocks, TestOptions? options = null)
        where TStack : Stack, new() => TestAsync(mocks, Create<TStack>, options);

    public static Task<ImmutableArray<Resource>> TestWithServiceProviderAsync<TStack>(
        IMocks mocks, IServiceProvider serviceProvider, TestOptions? options = null)
        where TStack : Stack => TestAsync(mocks, () => Create<TStack>(serviceProvider), options);

    public static async Task<(ImmutableArray<Resource> Resources, IDictionary<string, object?> Outputs)> TestAsync(
        IMocks testMocks, TestOptions testOptions, Func<Task<IDictionary<string, object?>>> createResources)
    {
        IDictionary<string, object?> outputs = ImmutableDictionary<string, object?>.Empty;
        var resources = await TestAsync(
            testMocks,
            () => new Stack(async () => outputs = await createResources().ConfigureAwait(false), options: null),
            testOptions).ConfigureAwait(false);
        return ([.. resources.Where(resource => resource is not Pulumi.Stack)], outputs);
    }

    public static Task<(ImmutableArray<Resource> Resources, IDictionary<string, object?> Outputs)> TestAsync(
        IMocks testMocks, TestOptions testOptions, Func<IDictionary<string, object?>> createResources) =>
        TestAsync(testMocks, testOptions, () => Task.FromResult(createResources()));

    public static async Task<ImmutableArray<Resource>> TestAsync(
        IMocks testMocks, TestOptions testOptions, Func<Task> createResources)
    {
        var (resources, _) = await TestAsync(testMocks, testOptions, async () =>
        {
            await createResources().ConfigureAwait(false);
            return NoOutputs();
        }).ConfigureAwait(false);
        return resources;
    }

    public static async Task<ImmutableArray<Resource>> TestAsync(
        IMocks testMocks, TestOptions testOptions, Action createResources)
    {
        var (resources, _) = await TestAsync(testMocks, testOptions, () =>
        {
            createResources();
            return NoOutputs();
        }).ConfigureAwait(false);
        return resources;
    }

    /// <summary>Runs a program in a deployment of its own; the static name stands only inside this call.</summary>
    internal static async Task<int> RunAsync(
        Func<Stack> create, Func<Deployment> deploy, Func<Deployment, Runner>? run = null)
    {
        if (Running.Value is not null)
        {
            throw new InvalidOperationException(
                "Deployment.Instance should only be set once at the beginning of a 'Run' call.");
        }
        var deployment = deploy();
        Running.Value = new(deployment);
        return await (run ?? (running => new Runner(running)))(deployment).RunAsync(create).ConfigureAwait(false);
    }

    private static ImmutableDictionary<string, object?> NoOutputs() => ImmutableDictionary<string, object?>.Empty;

    private static Deployment FromEngine()
    {
        var settings = DeploymentSettings.FromEnvironment(Environment.GetEnvironmentVariable);
        return new(
            settings,
            new RpcMonitor(new RpcChannel(settings.Monitor)),
            new RpcEngine(new RpcChannel(settings.Engine)));
    }

    private static TStack Create<TStack>()
        where TStack : Stack
    {
        var stack = (TStack)Activator.CreateInstance(
            typeof(TStack), BindingFlags.DoNotWrapExceptions | BindingFlags.Public | BindingFlags.Instance,
            binder: null, args: null, culture: null)!;
        stack.RegisterPropertyOutputs();
        return stack;
    }

    private static TStack Create<TStack>(IServiceProvider services)
        where TStack : Stack
    {
        ArgumentNullException.ThrowIfNull(services);
        var stack = services.GetService(typeof(TStack)) as TStack ?? throw new InvalidOperationException(
            $"Failed to resolve instance of type {typeof(TStack)} from service provider. "
            + $"Register the type with the service provider before calling {nameof(RunAsync)}.");
        stack.RegisterPropertyOutputs();
        return stack;
    }

    private static async Task<ImmutableArray<Resource>> TestAsync(
        IMocks mocks, Func<Stack> create, TestOptions? options)
    {
        var engine = new MockEngine();
        var monitor = new MockMonitor(mocks);
        var settings = new DeploymentSettings
        {
            Organization = options?.OrganizationName ?? "organization",
            Project = options?.ProjectName ?? "project",
            Stack = options?.StackName ?? "stack",
            IsDryRun = options?.IsPreview ?? true,
            Config = DeploymentSettings.ParseConfig(Environment.GetEnvironmentVariable("PULUMI_CONFIG")),
        };
        await RunAsync(create, () => new Deployment(settings, monitor, engine)).ConfigureAwait(false);
        Environment.ExitCode = 0;
        return engine.Errors switch
        {
            [] => monitor.Resources,
            [var single] => throw new RunException(single),
            var many => throw new AggregateException(many.Select(message => new RunException(message))),
        };
    }
}
