using System.Collections.Concurrent;
using ControlPlane.Rpc;
using Google.Protobuf.WellKnownTypes;

namespace ControlPlane.Sdk.Tests.Doubles;

/// <summary>Answers a program as the engine would, over a real socket, and keeps what it was told.</summary>
internal sealed class MonitorDouble : IAsyncDisposable
{
    private readonly RpcServer server;

    private MonitorDouble(MonitorRules rules, RpcServer server, MonitorRecord record) =>
        (Rules, this.server, Record) = (rules, server, record);

    public MonitorRules Rules { get; }

    public MonitorRecord Record { get; }

    public string Address => server.Address;

    public static async Task<MonitorDouble> StartAsync(MonitorRules? given = null)
    {
        var rules = given ?? new MonitorRules();
        var record = new MonitorRecord();
        var server = await RpcServer.StartAsync(
        [
            RpcMethod.Of<SupportsFeatureRequest, SupportsFeatureResponse>(
                MonitorMethods.SupportsFeature,
                (request, _) =>
                    Task.FromResult(new SupportsFeatureResponse { HasSupport = !rules.Without.Contains(request.Id) })),
            RpcMethod.Of<RegisterResourceRequest, RegisterResourceResponse>(
                MonitorMethods.RegisterResource,
                (request, cancellation) => RegisterAsync(rules, record, request, cancellation)),
            RpcMethod.Of<RegisterResourceOutputsRequest, Empty>(MonitorMethods.RegisterResourceOutputs, (request, _) =>
            {
                record.Outputs.Enqueue(request);
                return Task.FromResult(new Empty());
            }),
            RpcMethod.Of<Empty, Empty>(MonitorMethods.SignalAndWaitForShutdown, (_, _) =>
            {
                record.ShutDowns.Enqueue(true);
                return rules.KnowsShutDown
                    ? Task.FromResult(new Empty())
                    : throw new RpcException(RpcStatus.Unimplemented, "unknown method");
            }),
            RpcMethod.Of<LogRequest, Empty>(EngineMethods.Log, (request, _) =>
            {
                record.Logs.Enqueue(request);
                return Task.FromResult(new Empty());
            }),
        ]);
        return new(rules, server, record);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static async Task<RegisterResourceResponse> RegisterAsync(
        MonitorRules rules, MonitorRecord record, RegisterResourceRequest request, CancellationToken cancellation)
    {
        record.Registered.Enqueue(request);
        rules.OnRegister?.Invoke(request);
        await Task.Delay(rules.Delay, cancellation);
        if (request.Name == rules.Refuses)
            throw new RpcException(RpcStatus.Internal, $"{request.Name} was refused");
        return new RegisterResourceResponse
        {
            Urn = $"urn:pulumi:dev::sample::{request.Type}::{request.Name}",
            Id = request.Custom && !rules.IsDryRun ? $"{request.Name}-id" : "",
            Object = request.Object,
            Result = request.Name == rules.Fails ? Result.Fail : Result.Success,
        };
    }
}

/// <summary>Says how a monitor double behaves.</summary>
internal sealed record MonitorRules
{
    public bool IsDryRun { get; init; }

    public string? Refuses { get; init; }

    public string? Fails { get; init; }

    public bool KnowsShutDown { get; init; } = true;

    public TimeSpan Delay { get; init; }

    public IReadOnlyList<string> Without { get; init; } = [];

    public Action<RegisterResourceRequest>? OnRegister { get; init; }
}

/// <summary>Keeps what a monitor double was told.</summary>
internal sealed class MonitorRecord
{
    public ConcurrentQueue<RegisterResourceRequest> Registered { get; } = new();

    public ConcurrentQueue<RegisterResourceOutputsRequest> Outputs { get; } = new();

    public ConcurrentQueue<LogRequest> Logs { get; } = new();

    public ConcurrentQueue<bool> ShutDowns { get; } = new();

    public IReadOnlyList<string> Errors =>
        [.. Logs.Where(log => log.Severity == LogSeverity.Error).Select(log => log.Message)];

    public RegisterResourceRequest this[string name] =>
        Registered.Single(request => request.Name == name && request.Type != "pulumi:pulumi:Stack");
}
