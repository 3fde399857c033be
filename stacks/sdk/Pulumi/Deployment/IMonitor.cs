using ControlPlane.Rpc;

namespace Pulumi;

/// <summary>Takes what a program registers, reads and asks for: the engine, or a double in tests.</summary>
internal interface IMonitor
{
    /// <summary>True while an answer is waited for.</summary>
    bool IsBusy { get; }

    Task<bool> SupportsAsync(string feature);

    Task<RegisterResourceResponse> RegisterAsync(Resource resource, RegisterResourceRequest request);

    Task<ReadResourceResponse> ReadAsync(Resource resource, ReadResourceRequest request);

    Task RegisterOutputsAsync(RegisterResourceOutputsRequest request);

    Task<InvokeResponse> InvokeAsync(ResourceInvokeRequest request);

    /// <summary>Waits until the engine has done everything; nothing may be registered after it.</summary>
    Task ShutDownAsync();
}

/// <summary>Takes what a person should read: the engine, or a double in tests.</summary>
internal interface IEngine
{
    Task LogAsync(LogRequest request);
}
