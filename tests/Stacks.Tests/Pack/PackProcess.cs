using System.Diagnostics;
using ControlPlane.Rpc;

namespace ControlPlane.Stacks.Tests.Pack;

/// <summary>The policy pack as the engine runs it: its own process, spoken to over its port.</summary>
internal sealed class PackProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Process process;

    private PackProcess(Process process, string address) =>
        (this.process, Address, Channel) = (process, address, new RpcChannel(address));

    public string Address { get; }

    public RpcChannel Channel { get; }

    public static string Program { get; } =
        Path.Combine(Checkout.Root, "policies/pack/bin/Release/net10.0/control-plane-policies.dll");

    /// <summary>Starts the pack in a folder and waits for the line with its port.</summary>
    public static Task<PackProcess> StartAsync(string folder) => StartAsync(folder, "dotnet", Program);

    /// <summary>Starts the pack as the engine starts it: a program, what comes first, and the engine's words.</summary>
    public static async Task<PackProcess> StartAsync(string folder, string program, params string[] first)
    {
        var start = new ProcessStartInfo(program, [.. first, "--logtostderr", "-v=9", "127.0.0.1:1"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var port = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        Assert.True(int.TryParse(port, out _), $"the first line is '{port}' and no port");
        return new PackProcess(process, $"127.0.0.1:{port}");
    }

    /// <summary>Waits until the pack has ended by itself; gives its exit code.</summary>
    public async Task<int> EndAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode;
    }

    public void Dispose()
    {
        Channel.Dispose();
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}
