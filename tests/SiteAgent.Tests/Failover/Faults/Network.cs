using System.Diagnostics;

namespace ControlPlane.SiteAgent.Tests.Failover.Faults;

/// <summary>
/// Joins a network namespace to this one by a pair of interfaces, and cuts the way in either direction or both. Packets
/// vanish without a word, as between two data centres.
/// </summary>
internal sealed class Network : IDisposable
{
    private readonly int number;

    public Network(int number)
    {
        this.number = number;
        Ip($"netns add {Name}");
        Ip($"link add cpl{number}a type veth peer name cpl{number}b");
        Ip($"link set cpl{number}b netns {Name}");
        Ip($"addr add {Here}/30 dev cpl{number}a");
        Ip($"link set cpl{number}a up");
        Ip($"-n {Name} addr add {There}/30 dev cpl{number}b");
        Ip($"-n {Name} link set cpl{number}b up");
        Ip($"-n {Name} link set lo up");
    }

    public string Name => $"cplane-test-{number}";

    /// <summary>Address of this side; the server listens here.</summary>
    public string Here => $"10.213.{number}.1";

    private string There => $"10.213.{number}.2";

    /// <summary>What the agent sends arrives; what the server answers does not.</summary>
    public void CutAnswers() => Ip($"route add blackhole {There}/32");

    public void HealAnswers() => Ip($"route del blackhole {There}/32");

    /// <summary>Nothing arrives in either direction.</summary>
    public void CutBothWays()
    {
        CutAnswers();
        Ip($"-n {Name} route add blackhole {Here}/32");
    }

    public void HealBothWays()
    {
        HealAnswers();
        Ip($"-n {Name} route del blackhole {Here}/32");
    }

    public void Dispose()
    {
        Ip($"netns del {Name}");
        // With its namespace one half goes, and the other with it; the kernel may take a moment.
    }

    private static void Ip(string arguments)
    {
        using var process = Process.Start("ip", arguments);
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"ip {arguments} failed");
    }
}
