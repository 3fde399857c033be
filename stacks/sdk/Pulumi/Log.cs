using ControlPlane.Rpc;

namespace Pulumi;

/// <summary>Tells the engine what a person should read.</summary>
public static class Log
{
    public static void Debug(string message, Resource? resource = null, int? streamId = null, bool? ephemeral = null) =>
        Write(LogSeverity.Debug, message, resource, (streamId, ephemeral));

    public static void Info(string message, Resource? resource = null, int? streamId = null, bool? ephemeral = null) =>
        Write(LogSeverity.Info, message, resource, (streamId, ephemeral));

    public static void Warn(string message, Resource? resource = null, int? streamId = null, bool? ephemeral = null) =>
        Write(LogSeverity.Warning, message, resource, (streamId, ephemeral));

    /// <summary>Shows an error; the program goes on but ends with a code that says so.</summary>
    public static void Error(string message, Resource? resource = null, int? streamId = null, bool? ephemeral = null) =>
        Write(LogSeverity.Error, message, resource, (streamId, ephemeral));

    public static void Exception(
        Exception exception, Resource? resource = null, int? streamId = null, bool? ephemeral = null) =>
        Error(exception.ToString(), resource, streamId, ephemeral);

    private static void Write(
        LogSeverity severity, string message, Resource? resource, (int? StreamId, bool? Ephemeral) manner) =>
        Deployment.Required.Logger.WriteAsync(
            new LogRequest
            {
                Severity = severity,
                Message = message,
                StreamId = manner.StreamId ?? 0,
                Ephemeral = manner.Ephemeral ?? false,
            },
            resource);
}
