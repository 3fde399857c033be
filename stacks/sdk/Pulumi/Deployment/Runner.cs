using System.Reflection;

namespace Pulumi;

/// <summary>Runs a program to its end: until nothing is under way, telling every fault once.</summary>
internal sealed class Runner(Deployment deployment)
{
    /// <summary>Says that a person has already been told why; the host adds nothing.</summary>
    public const int ErrorShown = 32;

    private int shown;
    private int hidden;

    /// <summary>How long nothing may happen before a person is told what is waited for.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often that is told before the run is given up.</summary>
    public int Reminders { get; init; } = 15;

    public async Task<int> RunAsync(Func<Stack> create)
    {
        try
        {
            deployment.Tasks.Track(create().Outputs.DataTask);
        }
        catch (Exception error)
        {
            // Also what is thrown before anything is awaited ends the program in an orderly way.
            deployment.Tasks.Track(Task.FromException(error));
        }
        await DrainAsync().ConfigureAwait(false);
        if (shown + hidden == 0 && !deployment.Logger.HasErrors)
        {
            deployment.Tasks.Track(deployment.Monitor.ShutDownAsync());
            await DrainAsync().ConfigureAwait(false);
        }
        var code = shown > 0 ? ErrorShown : hidden > 0 || deployment.Logger.HasErrors ? 1 : 0;
        if (code != 0)
        {
            // Programs that do not hand the code on from Main still end with it.
            Environment.ExitCode = code;
        }
        return code;
    }

    private async Task DrainAsync()
    {
        while (await NextAsync().ConfigureAwait(false) is { Count: > 0 } faults)
        {
            foreach (var fault in faults)
            {
                await TellAsync(fault).ConfigureAwait(false);
            }
        }
    }

    private async Task<IReadOnlyList<Exception>> NextAsync()
    {
        var next = deployment.Tasks.IdleOrFaultsAsync();
        for (var reminder = 1; ; reminder++)
        {
            var before = deployment.Tasks.Steps;
            if (await Task.WhenAny(next, Task.Delay(Patience)).ConfigureAwait(false) == next)
            {
                return await next.ConfigureAwait(false);
            }
            if (deployment.Tasks.Steps != before || deployment.Monitor.IsBusy)
            {
                reminder = 0;
                continue;
            }
            var waiting = deployment.Waiting;
            var names = waiting.Count == 0 ? "the program itself" : string.Join(", ", waiting);
            if (reminder >= Reminders)
            {
                await TellAsync(new RunException($"nothing has happened for {Patience * reminder}; "
                    + $"given up waiting for: {names}")).ConfigureAwait(false);
                return [];
            }
            Log.Warn($"nothing has happened for {Patience * reminder}; still waiting for: {names}");
        }
    }

    private async Task TellAsync(Exception fault)
    {
        if (fault is LogException)
        {
            await HideAsync(fault).ConfigureAwait(false);
            return;
        }
        var text = fault switch
        {
            RunException run => run.Message,
            ResourceException { HideStack: true } resource => resource.Message,
            ResourceException resource => resource.ToString(),
            _ => $"Running program '{Assembly.GetEntryAssembly()?.Location}' failed "
                + $"with an unhandled exception:\n{fault}",
        };
        try
        {
            await deployment.Logger.ErrorAsync(text, (fault as ResourceException)?.Resource).ConfigureAwait(false);
            shown++;
        }
        catch (LogException)
        {
            // The engine is gone; what it cannot show is shown here.
            await Console.Error.WriteLineAsync(text).ConfigureAwait(false);
        }
    }

    private async Task HideAsync(Exception fault)
    {
        hidden++;
        if (hidden == 1)
        {
            await Console.Error.WriteLineAsync(
                $"Error occurred trying to send logging message to engine:\n{fault}").ConfigureAwait(false);
        }
    }
}
