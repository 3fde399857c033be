using System.Diagnostics;
using System.Globalization;

namespace ControlPlane.SiteAgent.Tests.Failover.Faults;

/// <summary>
/// Joins a network namespace to this one by a pair of interfaces, and cuts the way in either direction or both. Packets
/// vanish without a word, as between two data centres. What a process that was killed left behind is cleared away.
/// </summary>
internal sealed class Network : IDisposable
{
    private const int MostNetworks = 250;
    private const string Prefix = "cplane-test-";
    private const string Namespaces = "/run/netns";

    private readonly int number;

    public Network()
    {
        Sweep();
        // A pair of interfaces is made or it is there already: whoever makes one has its number.
        number = Enumerable.Range(1, MostNetworks).First(free =>
            TryIp($"link add cpl{free}a type veth peer name cpl{free}b"));
        Forget();
        Ip($"netns add {Name}");
        Ip($"link set cpl{number}b netns {Name}");
        Ip($"addr add {Here}/30 dev cpl{number}a");
        Ip($"link set cpl{number}a up");
        Ip($"-n {Name} addr add {There}/30 dev cpl{number}b");
        Ip($"-n {Name} link set cpl{number}b up");
        Ip($"-n {Name} link set lo up");
    }

    public string Name => $"{Prefix}{Environment.ProcessId}-{number}";

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
        // The route is ours and not the namespace's: left behind it would cut whoever has the number next.
        Forget();
        Ip($"link del cpl{number}a");
        Ip($"netns del {Name}");
    }

    private void Forget() => TryIp($"route del blackhole {There}/32");

    /// <summary>Ends namespaces of processes that are gone; their interfaces go with them.</summary>
    private static void Sweep()
    {
        if (!Directory.Exists(Namespaces)) return;
        foreach (var name in Directory.EnumerateFiles(Namespaces, $"{Prefix}*").Select(path => Path.GetFileName(path)))
        {
            var parts = name[Prefix.Length..].Split('-');
            if (parts.Length == 2 && !Directory.Exists($"/proc/{parts[0]}")
                && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var left))
            {
                TryIp($"link del cpl{left}a");
                TryIp($"netns del {name}");
            }
        }
    }

    private static void Ip(string arguments)
    {
        if (!TryIp(arguments)) throw new InvalidOperationException($"ip {arguments} failed");
    }

    private static bool TryIp(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
