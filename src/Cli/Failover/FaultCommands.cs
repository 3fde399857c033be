using System.CommandLine;
using ControlPlane.Cli.Client;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Failover;

/// <summary>Breaks and heals the simulated sites of a server on this machine, to see what follows.</summary>
internal static class FaultCommands
{
    private static readonly string[] Kinds = ["dead", "hung", "cut", "flapping"];

    public static IEnumerable<Command> Build(GlobalOptions global)
    {
        var site = new Argument<string>("ID") { Description = "Name of the simulated site" };
        var data = new Option<string?>("--data")
        {
            Description = "Data directory of the server (default as for ./run)",
            HelpName = "DIR",
        };
        var kind = new Option<string>("--as")
        {
            Description = "What is wrong: dead, hung, cut or flapping",
            HelpName = "KIND",
            DefaultValueFactory = _ => "dead",
        };
        kind.AcceptOnlyFromAmong(Kinds);
        var kill = new Command("kill", "Break a simulated site") { site, kind, data };
        global.Let(kill, (run, _) =>
        {
            var file = FileOf(run.Get(site)!, run.Get(data));
            File.WriteAllText(file, run.Get(kind) + "\n");
            run.Screen.Line($"{run.Get(site)} is {run.Get(kind)}; heal it with cplane sites heal {run.Get(site)}");
            return Task.FromResult(ExitCode.Ok);
        });
        var healed = new Argument<string>("ID") { Description = "Name of the simulated site" };
        var healData = new Option<string?>("--data")
        {
            Description = "Data directory of the server (default as for ./run)",
            HelpName = "DIR",
        };
        var heal = new Command("heal", "Heal a simulated site that was broken") { healed, healData };
        global.Let(heal, (run, _) =>
        {
            File.Delete(FileOf(run.Get(healed)!, run.Get(healData)));
            run.Screen.Line($"{run.Get(healed)} is well; what died with it does not come back by itself");
            return Task.FromResult(ExitCode.Ok);
        });
        yield return kill;
        yield return heal;
    }

    // The agent of the simulated sites keeps its folder of known sites beside the one for faults.
    private static string FileOf(string site, string? data)
    {
        var root = data ?? LocalToken.DataDirectory();
        var agents = Path.Combine(root, "agents");
        var known = Path.Combine(agents, "state", site);
        if (!Directory.Exists(agents))
            throw CommandFailure.Input("file-unreadable", $"no simulated sites run from {root}");
        if (site != Path.GetFileName(site) || !Directory.Exists(known))
            throw CommandFailure.Input("not-found", $"there is no simulated site '{site}'");
        var faults = Path.Combine(agents, "faults");
        Directory.CreateDirectory(faults);
        return Path.Combine(faults, site);
    }
}
