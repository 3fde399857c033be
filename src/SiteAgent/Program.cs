using System.Diagnostics;
using System.Runtime.InteropServices;
using ControlPlane.SiteAgent.Hosting;

const int Stopped = 0, Usage = 2, Invalid = 3, Bug = 70;

var parsed = AgentOptions.Parse(args, Environment.GetEnvironmentVariable);
if (!parsed.IsValid)
{
    foreach (var problem in parsed.Problems) Console.Error.WriteLine($"site-agent: {problem}");
    return Usage;
}

var options = parsed.Value;
if (options.HelpAsked)
{
    Console.WriteLine(AgentOptions.Usage);
    return Stopped;
}

using var stopping = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}

using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
if (options.Parent is { } parent) _ = EndWithAsync(parent);

try
{
    await new AgentHost(options, new AgentLog(Console.Error, TimeProvider.System)).RunAsync(stopping.Token);
    return Stopped;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    // Work runs on; what is exclusive ends when its guard runs out, unless the next start is sooner.
    return Stopped;
}
catch (AgentRefusedException refused)
{
    Console.Error.WriteLine($"site-agent: {refused.Message}");
    return Invalid;
}
catch (Exception bug)
{
    Console.Error.WriteLine($"site-agent: this is a bug, please report it\n{bug}");
    return Bug;
}

async Task EndWithAsync(int process)
{
    try
    {
        using var other = Process.GetProcessById(process);
        await other.WaitForExitAsync(stopping.Token);
    }
    catch (ArgumentException)
    {
        // It is gone already.
    }

    await stopping.CancelAsync();
}
