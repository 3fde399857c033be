using System.Reflection;
using ControlPlane.Cli.Stacks;
using ControlPlane.Regions;
using ControlPlane.Rpc;

namespace ControlPlane.Stacks.Tests.Preview;

/// <summary>Runs the built stack program inside the tests, against the monitor of previews over a socket.</summary>
internal static class StackRun
{
    private const string Program = "stacks/bin/Release/net10.0/control-plane-stacks.dll";

    private static readonly MethodInfo Main =
        Assembly.LoadFrom(Path.Combine(Checkout.Root, Program)).EntryPoint!; // it is a program

    public static async Task<PreviewReport> PreviewAsync(StackTree tree, FleetRegion region)
    {
        var config = StackConfig.Read(tree, region);
        var monitor = new PreviewMonitor(region.Id.Value, StackConfig.Project);
        await using var server = await RpcServer.StartAsync(monitor.Methods);
        foreach (var (name, value) in PreviewRun.Environment(tree, region.Id.Value, server.Address, config))
            Environment.SetEnvironmentVariable(name, value);

        // What compilers make of a program's top-level statements waits for them, so it gets a thread of its own.
        object[] arguments = Main.GetParameters().Length == 0 ? [] : [Array.Empty<string>()];
        var code = (int)(await Task.Run(() => Main.Invoke(null, arguments)))!; // it gives an exit code

        Environment.ExitCode = 0;
        Assert.True(code == 0, $"{region.Id}: {code}: {string.Join('\n', monitor.Errors)}");
        return new PreviewReport
        {
            Preview = monitor.Take(config.StandIns),
            File = region.Spec.File,
            Changes = null,
            Verdicts = null,
        };
    }
}
