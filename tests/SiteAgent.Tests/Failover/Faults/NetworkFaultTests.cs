using ControlPlane.Failover;
using ControlPlane.SiteAgent.Tests.Drivers;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Tests.Failover.Faults;

/// <summary>
/// Breaks the way between a real agent process and a server, kind by kind. Each run has to have had traffic, or it
/// shows nothing.
/// </summary>
public sealed class NetworkFaultTests
{
    private const int LeastRequests = 15;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly SiteId Site = new("de-stackit-neckarsulm");

    [RootFact]
    public Task Cut_both_ways_exclusive_work_stops_by_the_end_of_its_lease_and_comes_back() =>
        CutAsync(network => network.CutBothWays(), network => network.HealBothWays());

    // The agent's renewals arrive and the server believes in it; the agent hears nothing and must not believe.
    [RootFact]
    public Task Cut_one_way_exclusive_work_stops_by_the_end_of_its_lease_and_comes_back() =>
        CutAsync(network => network.CutAnswers(), network => network.HealAnswers());

    [Fact]
    public async Task With_every_third_answer_lost_work_starts_once_and_the_lease_holds()
    {
        await using var server = await SocketServer.StartAsync("127.0.0.1", Lease);
        server.LosesOneIn = 3;
        var (exclusive, sticky) = Orders();
        server.Server.Want(Site, exclusive, sticky);
        var begun = DateTime.UtcNow;
        await using var agent = new AgentProcess(null, server.Url, Site);
        await RunningAsync(agent, (exclusive, sticky), begun);

        await Task.Delay(Lease * 2);

        Assert.Equal((1, 1), (agent.Count($"started {Name(exclusive)}"), agent.Count($"started {Name(sticky)}")));
        Assert.False(agent.HasSaid("stopped", begun), agent.Log);
        Assert.True(server.Requests >= LeastRequests, $"only {server.Requests} requests: the run is invalid");
    }

    [Fact]
    public async Task With_the_server_gone_sticky_work_runs_on_and_exclusive_work_stops()
    {
        var server = await SocketServer.StartAsync("127.0.0.1", Lease);
        var (exclusive, sticky) = Orders();
        server.Server.Want(Site, exclusive, sticky);
        var begun = DateTime.UtcNow;
        await using var agent = new AgentProcess(null, server.Url, Site);
        await RunningAsync(agent, (exclusive, sticky), begun);
        await Task.Delay(Lease);
        Assert.True(server.Requests >= LeastRequests, $"only {server.Requests} requests: the run is invalid");

        var gone = DateTime.UtcNow;
        await server.DisposeAsync();

        var stopped = await agent.SaidAsync($"stopped {exclusive.Placement}", gone, Patience);
        Assert.True(stopped - gone <= Lease + TimeSpan.FromSeconds(3), $"it stopped {stopped - gone} after the end");
        Assert.False(agent.HasSaid($"stopped {sticky.Placement}", gone), agent.Log);
    }

    [Fact]
    public async Task A_flapping_site_never_has_work_beside_a_newer_epoch_of_it()
    {
        await using var server = await SocketServer.StartAsync("127.0.0.1", Lease);
        var (exclusive, sticky) = Orders();
        server.Server.Want(Site, exclusive, sticky);
        var begun = DateTime.UtcNow;
        await using var agent = new AgentProcess(null, server.Url, Site);
        await RunningAsync(agent, (exclusive, sticky), begun);

        File.WriteAllText(Path.Combine(agent.Faults, Site.Value), "flapping");
        await Task.Delay(TimeSpan.FromSeconds(20));
        var moved = DateTime.UtcNow;
        server.Server.Want(Site, sticky);
        File.Delete(Path.Combine(agent.Faults, Site.Value));
        await Task.Delay(Lease);
        var back = exclusive with { Epoch = new(3, 8) };
        server.Server.Want(Site, sticky, back);

        await agent.SaidAsync($"started {Name(back)}", moved, Patience);
        var seen = server.Server.Report(Site)!.Work;
        Assert.DoesNotContain(seen, work => work.Placement == exclusive.Placement && work.Epoch == exclusive.Epoch);
        Assert.True(server.Requests >= LeastRequests, $"only {server.Requests} requests: the run is invalid");
    }

    [SlurmFact]
    public async Task When_its_wall_clock_jumps_the_agent_neither_loses_nor_doubles_its_lease()
    {
        await using var server = await SocketServer.StartAsync("127.0.0.1", Lease);
        var (exclusive, sticky) = Orders();
        server.Server.Want(Site, exclusive, sticky);
        var offset = Path.Combine(Directory.CreateTempSubdirectory("cplane-time-").FullName, "offset");
        File.WriteAllText(offset, "+0");
        var begun = DateTime.UtcNow;
        await using var agent = new AgentProcess(null, server.Url, Site, new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = Path.Combine(Parts.Slurm!, "usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
            ["FAKETIME_TIMESTAMP_FILE"] = offset,
            ["FAKETIME_NO_CACHE"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        });
        await RunningAsync(agent, (exclusive, sticky), begun);

        foreach (var jump in new[] { "-600", "+600", "-300" })
        {
            File.WriteAllText(offset, jump);
            await Task.Delay(Lease);
        }

        Assert.False(agent.HasSaid("stopped", begun), agent.Log);
        Assert.Equal((1, 1), (agent.Count($"started {Name(exclusive)}"), agent.Count($"started {Name(sticky)}")));
        Assert.True(server.Requests >= LeastRequests, $"only {server.Requests} requests: the run is invalid");
    }

    // An agent that is stopped past its lease and goes on: what it believed is over, and its guard has acted.
    [Fact]
    public async Task An_agent_that_was_suspended_past_its_lease_fences_itself_before_it_does_anything_else()
    {
        await using var server = await SocketServer.StartAsync("127.0.0.1", Lease);
        var (exclusive, sticky) = Orders();
        server.Server.Want(Site, exclusive, sticky);
        var begun = DateTime.UtcNow;
        await using var agent = new AgentProcess(null, server.Url, Site);
        await RunningAsync(agent, (exclusive, sticky), begun);
        await Task.Delay(Lease);

        agent.Signal("-STOP");
        await Task.Delay(Lease + TimeSpan.FromSeconds(2));
        var session = server.Server.Report(Site)!.Session;
        server.Server.EndSession(Site);
        server.Server.Want(Site, sticky);
        var woken = DateTime.UtcNow;
        agent.Signal("-CONT");

        await agent.SaidAsync("session over", woken, Patience);
        await Task.Delay(Lease);
        var report = server.Server.Report(Site)!;
        Assert.True(report.Session.Number > session.Number);
        Assert.Equal([sticky.Placement], report.Work.Select(work => work.Placement));
        Assert.False(agent.HasSaid($"started {Name(exclusive)}", woken), agent.Log);
        Assert.True(server.Requests >= LeastRequests, $"only {server.Requests} requests: the run is invalid");
    }

    private static async Task CutAsync(Action<Network> cut, Action<Network> heal)
    {
        using var network = new Network();
        await using var server = await SocketServer.StartAsync(network.Here, Lease);
        var (exclusive, sticky) = Orders();
        server.Server.Want(Site, exclusive, sticky);
        var begun = DateTime.UtcNow;
        await using var agent = new AgentProcess(network, server.Url, Site);
        await RunningAsync(agent, (exclusive, sticky), begun);
        await Task.Delay(Lease);
        Assert.True(server.Requests >= LeastRequests, $"only {server.Requests} requests: the run is invalid");

        var isCut = DateTime.UtcNow;
        cut(network);
        var stopped = await agent.SaidAsync($"stopped {exclusive.Placement}", isCut, Patience);
        Assert.True(stopped - isCut <= Lease + TimeSpan.FromSeconds(3), $"it stopped {stopped - isCut} after the cut");
        Assert.False(agent.HasSaid($"stopped {sticky.Placement}", isCut), agent.Log);

        var healed = DateTime.UtcNow;
        heal(network);
        await agent.SaidAsync($"started {Name(exclusive)}", healed, Patience);
        Assert.False(agent.HasSaid($"stopped {sticky.Placement}", begun), agent.Log);
    }

    private static async Task RunningAsync(AgentProcess agent, (WorkOrder One, WorkOrder Other) orders, DateTime after)
    {
        await agent.SaidAsync($"started {Name(orders.One)}", after, Patience);
        await agent.SaidAsync($"started {Name(orders.Other)}", after, Patience);
    }

    private static string Name(WorkOrder order) => $"{order.Tenant}/{order.Workload} epoch {order.Epoch}";

    private static (WorkOrder Exclusive, WorkOrder Sticky) Orders() => (
        DriverBench.Order() with { Workload = "alone", Labels = [] },
        DriverBench.Order(RunClass.Sticky) with { Workload = "stays", Labels = [] });
}
