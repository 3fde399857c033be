using Microsoft.Extensions.Logging.Console;

namespace ControlPlane.Server.Hosting;

/// <summary>Writes log lines as JSON to standard error; standard output is for the ready lines only.</summary>
internal static class ServerLog
{
    public static void Configure(ILoggingBuilder logging, LogLevel least)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(least);
        // The framework's own lines are about requests and connections; ours say what happened.
        logging.AddFilter("Microsoft", least < LogLevel.Warning ? LogLevel.Warning : least);
        // The host reports a failed start that Program reports in one sentence.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        logging.AddJsonConsole(console =>
        {
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
        });
        logging.Services.Configure<ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
