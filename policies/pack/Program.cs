using System.Globalization;
using System.Runtime.InteropServices;
using ControlPlane.Pack;
using ControlPlane.Rpc;

// The engine passes flags of its own and then its address; the port must be the first and only line that is printed.
using var stopped = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
var analyzer = new Analyzer(Environment.CurrentDirectory, TimeProvider.System, stopped.Cancel);
await using var server = await RpcServer.StartAsync(analyzer.Methods);
Console.Out.WriteLine(server.Port.ToString(CultureInfo.InvariantCulture));
Console.Out.Flush();
await Task.Delay(Timeout.Infinite, stopped.Token).ContinueWith(_ => { }, TaskScheduler.Default);
return 0;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stopped.Cancel();
}
