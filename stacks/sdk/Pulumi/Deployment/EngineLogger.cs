using ControlPlane.Rpc;

namespace Pulumi;

/// <summary>Sends messages to the engine one after the other, and remembers whether one was an error.</summary>
internal sealed class EngineLogger(IEngine engine, TasksInFlight tasks)
{
    private readonly Lock gate = new();
    private Task last = Task.CompletedTask;
    private volatile bool hasErrors;

    public bool HasErrors => hasErrors;

    public Task ErrorAsync(string message, Resource? resource = null) =>
        WriteAsync(new() { Severity = LogSeverity.Error, Message = message }, resource);

    public Task WriteAsync(LogRequest request, Resource? resource)
    {
        if (request.Severity == LogSeverity.Error)
        {
            hasErrors = true;
        }
        Task task;
        lock (gate)
        {
            var before = last;
            task = last = Task.Run(() => SendAsync(before, request, resource));
        }
        tasks.Track(task, isTalk: true);
        return task;
    }

    private async Task SendAsync(Task before, LogRequest request, Resource? resource)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            if (resource is { Urn.DataTask: { IsCompletedSuccessfully: true } urn })
            {
                request.Urn = (await urn.ConfigureAwait(false)).Value ?? "";
            }
            await engine.LogAsync(request).ConfigureAwait(false);
        }
        catch (RpcException error)
        {
            hasErrors = true;
            throw new LogException(error);
        }
    }
}
