using ControlPlane.Failover;
using ControlPlane.Simulation;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

/// <summary>What an agent that was told something does with word that is older, or not for it.</summary>
public sealed class AgentDeciderTests
{
    private static readonly AgentSession Mine = new(2, "mine");
    private static readonly WorkOrder Order =
        SiteWork.OrdersFor(SimFleet.Origin.World, new SiteId("de-a"))[0] with { Epoch = new Epoch(3, 8) };

    private TimeSpan now = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(3, 7, false)]
    [InlineData(2, 99, false)]
    [InlineData(3, 8, true)]
    [InlineData(3, 9, true)]
    [InlineData(4, 1, true)]
    public void An_older_timeline_or_epoch_of_what_is_known_is_passed_over(long timeline, int counter, bool isTaken)
    {
        var agent = Told(Order);
        var other = Order with { Epoch = new Epoch(timeline, counter) };

        Tell(agent, Mine, 20, other);

        Assert.Equal(isTaken ? 20 : 10, agent.Revision);
        Assert.Equal(isTaken, agent.MayStart(other, now));
    }

    [Fact]
    public void What_was_asked_for_by_another_session_changes_nothing()
    {
        var agent = Told(Order);

        Tell(agent, new AgentSession(1, "mine"), 20);
        Tell(agent, new AgentSession(2, "theirs"), 30);

        Assert.Equal(10, agent.Revision);
        Assert.True(agent.MayStart(Order, now));
    }

    [Fact]
    public void An_older_revision_and_a_gap_change_nothing_and_a_full_one_after_any_gap_does()
    {
        var agent = Told(Order);
        var gap = new DesiredWork { Session = Mine, Revision = 40, Full = false, After = 30, Orders = [] };

        Tell(agent, Mine, 9);
        agent.Take(new DesiredArrived(gap), now);
        var unchanged = (agent.Revision, agent.MayStart(Order, now));
        Tell(agent, Mine, 4_000_000);

        Assert.Equal((10, true), unchanged);
        Assert.Equal((4_000_000, false), (agent.Revision, agent.MayStart(Order, now)));
    }

    [Fact]
    public void A_new_timeline_of_the_database_asks_for_a_new_session_before_anything_starts()
    {
        var agent = Told(Order);

        var actions = agent.Take(new RenewAnswered(Renewed(timeline: 4)), now);

        Assert.Contains(actions, action => action is NeedSession);
        Assert.False(agent.MayStart(Order, now));
    }

    /// <summary>An agent that holds its lease, has looked at its site, and knows an order at revision 10.</summary>
    private AgentDecider Told(WorkOrder order)
    {
        var agent = new AgentDecider(new AgentTerms { Guarded = false });
        var look = agent.Begin(Mine, now).OfType<LookAtWork>().Single();
        agent.Take(new WorkSeen(look.Look, []), now);
        agent.Take(new RenewAnswered(Renewed(timeline: 3)), now);
        Tell(agent, Mine, 10, order);
        Assert.Equal((10, true), (agent.Revision, agent.MayStart(order, now)));
        return agent;
    }

    private void Tell(AgentDecider agent, AgentSession session, long revision, params IReadOnlyList<WorkOrder> orders)
    {
        now += TimeSpan.FromMilliseconds(10);
        agent.Take(new DesiredArrived(new DesiredWork
        {
            Session = session, Revision = revision, Full = true, After = 0, Orders = orders.ToSeq(),
        }), now);
    }

    private RenewAnswer Renewed(long timeline) => new()
    {
        Session = Mine, SentAtMilliseconds = (long)now.TotalMilliseconds, LeaseMilliseconds = 10_000,
        StopMilliseconds = 5_000, Timeline = timeline, Revision = 10,
    };
}
