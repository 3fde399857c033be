using ControlPlane.Failover;
using ControlPlane.SiteAgent.Failover;

namespace ControlPlane.SiteAgent.Tests.Failover;

public sealed class AgentInboxTests
{
    // A loop that went on would wait for ever for what the task would have told.
    [Fact]
    public async Task A_bug_ends_the_loop_also_when_something_else_has_just_woken_it()
    {
        var inbox = new AgentInbox();
        inbox.Put(new Ticked());
        inbox.Fail(new InvalidOperationException("a bug"));

        var wait = inbox.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None);

        Assert.Equal("a bug", (await Assert.ThrowsAsync<InvalidOperationException>(() => wait)).Message);
    }
}
