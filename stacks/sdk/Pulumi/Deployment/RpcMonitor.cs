using ControlPlane.Rpc;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Pulumi;

/// <summary>Speaks to the resource monitor of a running engine.</summary>
internal sealed class RpcMonitor(RpcChannel channel) : IMonitor
{
    private int open;

    public bool IsBusy => Volatile.Read(ref open) > 0;

    public async Task<bool> SupportsAsync(string feature) =>
        (await CallAsync<SupportsFeatureResponse>(
            MonitorMethods.SupportsFeature, new SupportsFeatureRequest { Id = feature })
            .ConfigureAwait(false)).HasSupport;

    public Task<RegisterResourceResponse> RegisterAsync(Resource resource, RegisterResourceRequest request) =>
        CallAsync<RegisterResourceResponse>(MonitorMethods.RegisterResource, request);

    public Task<ReadResourceResponse> ReadAsync(Resource resource, ReadResourceRequest request) =>
        CallAsync<ReadResourceResponse>(MonitorMethods.ReadResource, request);

    public Task RegisterOutputsAsync(RegisterResourceOutputsRequest request) =>
        CallAsync<Empty>(MonitorMethods.RegisterResourceOutputs, request);

    public Task<InvokeResponse> InvokeAsync(ResourceInvokeRequest request) =>
        CallAsync<InvokeResponse>(MonitorMethods.Invoke, request);

    public async Task ShutDownAsync()
    {
        try
        {
            await CallAsync<Empty>(MonitorMethods.SignalAndWaitForShutdown, new Empty()).ConfigureAwait(false);
        }
        catch (RpcException error) when (error.Status == RpcStatus.Unimplemented)
        {
            // Older engines do not know the call and need none.
        }
    }

    private async Task<TReply> CallAsync<TReply>(string method, IMessage request)
        where TReply : class, IMessage<TReply>, new()
    {
        Interlocked.Increment(ref open);
        try
        {
            return await channel.CallAsync<TReply>(method, request).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }
}

/// <summary>Speaks to a running engine itself.</summary>
internal sealed class RpcEngine(RpcChannel channel) : IEngine
{
    public Task LogAsync(LogRequest request) => channel.CallAsync<Empty>(EngineMethods.Log, request);
}
