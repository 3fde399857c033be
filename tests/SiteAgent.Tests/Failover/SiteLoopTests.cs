using ControlPlane.Failover;
using ControlPlane.SiteAgent.Drivers.Simulated;
using ControlPlane.SiteAgent.Tests.Drivers;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Tests.Failover;

public sealed class SiteLoopTests
{
    [Fact]
    public void It_joins_by_its_token_once_and_then_by_its_key()
    {
        using var rig = new AgentRig();
        using var first = rig.Begin();
        rig.Time.Pass(TimeSpan.FromSeconds(3));
        first.Cancel();
        File.Delete(rig.TokenFile);

        using var second = rig.Begin();
        rig.Time.Pass(TimeSpan.FromMinutes(11));

        // Once for each life, and again whenever half of the ten minutes of a credential are over.
        Assert.Equal(4, rig.Server.Enrolments);
        Assert.DoesNotContain("join-me", rig.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void It_starts_what_is_desired_and_stops_what_is_not_and_reports_both()
    {
        using var rig = new AgentRig();
        var order = Long(RunClass.Exclusive);
        rig.Server.Want(AgentRig.Site, order);
        using var life = rig.Begin();
        rig.Time.Pass(TimeSpan.FromSeconds(30));
        var whileWanted = rig.Server.Report(AgentRig.Site)!;

        rig.Server.Want(AgentRig.Site);
        rig.Time.Pass(TimeSpan.FromSeconds(30));
        var afterwards = rig.Server.Report(AgentRig.Site)!;

        Assert.Equal(
            [(order.Placement, order.Epoch, WorkStatus.Running)],
            whileWanted.Work.Select(work => (work.Placement, work.Epoch, work.Status)));
        Assert.Equal(2, whileWanted.Nodes.Count);
        Assert.Equal(
            [(SignalSource.Driver, true, 100)],
            whileWanted.Signals.Select(signal => (signal.Source, signal.Healthy, signal.ConfidencePercent)));
        Assert.Empty(afterwards.Work);
        Assert.Empty(rig.Running);
    }

    [Fact]
    public void With_the_server_gone_for_a_day_sticky_work_runs_on_and_exclusive_work_stops_at_its_lease_end()
    {
        using var rig = new AgentRig();
        var (sticky, exclusive) = (Long(RunClass.Sticky), Long(RunClass.Exclusive));
        rig.Server.Want(AgentRig.Site, sticky, exclusive);
        using var life = rig.Begin();
        rig.Time.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(2, rig.Running.Count);

        rig.Server.IsGone = true;
        rig.Time.Pass(TimeSpan.FromSeconds(21));
        Assert.Equal([sticky.Placement], rig.Running.Select(work => work.Placement));
        rig.Time.Pass(TimeSpan.FromHours(24));
        Assert.Equal([sticky.Placement], rig.Running.Select(work => work.Placement));
        var starts = rig.Cluster.StartsDone;

        rig.Server.IsGone = false;
        rig.Time.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(2, rig.Running.Count);
        // The exclusive work anew, the sticky work as it was.
        Assert.Equal(starts + 1, rig.Cluster.StartsDone);
        Assert.Equal(rig.Running, rig.Server.Report(AgentRig.Site)!.Work);
    }

    [Fact]
    public void An_agent_that_dies_leaves_the_guard_to_end_exclusive_work()
    {
        using var rig = new AgentRig();
        var (sticky, exclusive) = (Long(RunClass.Sticky), Long(RunClass.Exclusive));
        rig.Server.Want(AgentRig.Site, sticky, exclusive);
        using var life = rig.Begin();
        rig.Time.Pass(TimeSpan.FromSeconds(10));

        life.Cancel();
        rig.Time.Pass(TimeSpan.FromSeconds(21));

        Assert.Equal([sticky.Placement], rig.Running.Select(work => work.Placement));
    }

    [Fact]
    public void A_session_that_the_server_ended_stops_exclusive_work_at_once_and_a_new_one_begins()
    {
        using var rig = new AgentRig();
        var order = Long(RunClass.Exclusive);
        rig.Server.Want(AgentRig.Site, order);
        using var life = rig.Begin();
        rig.Time.Pass(TimeSpan.FromSeconds(10));
        var first = rig.Server.Report(AgentRig.Site)!.Session;

        rig.Server.EndSession(AgentRig.Site);
        rig.Time.Pass(TimeSpan.FromSeconds(2));
        Assert.Empty(rig.Running);
        rig.Time.Pass(TimeSpan.FromSeconds(10));

        Assert.True(rig.Server.Report(AgentRig.Site)!.Session.Number > first.Number, rig.Log.ToString());
        Assert.Single(rig.Running);
    }

    [Fact]
    public void A_new_timeline_of_the_database_begins_a_new_session()
    {
        using var rig = new AgentRig();
        using var life = rig.Begin();
        rig.Time.Pass(TimeSpan.FromSeconds(10));
        var first = rig.Server.Report(AgentRig.Site)!.Session;

        rig.Server.Timeline = 2;
        rig.Time.Pass(TimeSpan.FromSeconds(20));

        Assert.True(rig.Server.Report(AgentRig.Site)!.Session.Number > first.Number, rig.Log.ToString());
    }

    [Fact]
    public void A_scheduler_that_hangs_does_not_keep_the_lease_from_being_renewed_and_is_reported()
    {
        using var rig = new AgentRig();
        rig.Server.Want(AgentRig.Site, Long(RunClass.Sticky));
        using var life = rig.Begin();
        rig.Time.Pass(TimeSpan.FromSeconds(10));
        var renewals = rig.Server.Renewals;

        rig.Cluster.Break(SimulatedFault.Hung);
        rig.Time.Pass(TimeSpan.FromMinutes(1));

        Assert.InRange(rig.Server.Renewals - renewals, 10, 14);
        var signal = Assert.Single(rig.Server.Report(AgentRig.Site)!.Signals);
        Assert.Equal((false, "the scheduler did not answer in time"), (signal.Healthy, signal.Detail));
        // What was seen last is reported with its age; it is never taken for gone.
        Assert.Single(rig.Server.Report(AgentRig.Site)!.Work);
    }

    [Fact]
    public void It_tells_which_other_sites_it_reaches_and_how_long_ago_it_tried()
    {
        using var rig = new AgentRig();
        var isUp = true;
        rig.Peers =
        [
            new(new("east"), _ => isUp ? Task.CompletedTask : throw new HttpRequestException("refused")),
            new(new("south"), token => Task.Delay(TimeSpan.FromHours(1), rig.Time, token)),
        ];
        using var life = rig.Begin();

        rig.Time.Pass(TimeSpan.FromSeconds(30));
        var before = PeersSeen(rig);
        isUp = false;
        rig.Time.Pass(TimeSpan.FromSeconds(30));
        var after = PeersSeen(rig);

        Assert.Equal([("east", true, 90, null), ("south", false, 60, "no answer within 2 s")], before);
        Assert.Equal([("east", false, 60, "refused"), ("south", false, 60, "no answer within 2 s")], after);
        Assert.All(
            rig.Server.Report(AgentRig.Site)!.Signals, signal => Assert.InRange(signal.AgeMilliseconds, 0, 25_000));
    }

    private static List<(string, bool, int, string?)> PeersSeen(AgentRig rig) =>
    [
        .. rig.Server.Report(AgentRig.Site)!.Signals.Where(signal => signal.Source == SignalSource.Peer)
            .Select(signal => (signal.Site.Value, signal.Healthy, signal.ConfidencePercent, signal.Detail)),
    ];

    [Fact]
    public void Two_agents_of_one_site_do_not_both_run_exclusive_work()
    {
        using var rig = new AgentRig();
        rig.Server.Want(AgentRig.Site, Long(RunClass.Exclusive));
        using var first = rig.Begin();
        rig.Time.Pass(TimeSpan.FromSeconds(10));
        using var second = rig.Begin();

        for (var step = 0; step < 600; step++)
        {
            rig.Time.Pass(TimeSpan.FromMilliseconds(100));
            Assert.True(rig.Running.Count(work => work.IsLive) <= 1);
        }
    }

    private static WorkOrder Long(RunClass runClass) => DriverBench.Order(runClass) with { Labels = [] };
}
