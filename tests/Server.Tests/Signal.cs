using System.Diagnostics;

namespace ControlPlane.Server.Tests;

/// <summary>Sends signals to processes that a test started.</summary>
internal static class Signal
{
    public static void Kill(int process) => Send("KILL", process);

    public static void Terminate(int process) => Send("TERM", process);

    public static void Interrupt(int process) => Send("INT", process);

    /// <summary>Stops a process where it is.</summary>
    public static void Suspend(int process) => Send("STOP", process);

    /// <summary>Lets a suspended process go on.</summary>
    public static void Resume(int process) => Send("CONT", process);

    private static void Send(string signal, int process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
