using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Simulation;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

/// <summary>The tools for sagas, on nodes that are taken out of use.</summary>
public sealed class DecommissionSagaTests
{
    private static readonly LossTerms Terms = new() { StopPatience = TimeSpan.FromSeconds(5) };

    [Fact]
    public void A_drained_node_is_emptied_within_its_site_and_marked_as_out()
    {
        var rig = SagaRig.Fragmented(Terms);
        var leaving = rig.OnNode(rig.UsedNode);
        rig.Drain(rig.UsedNode);

        rig.Run(10, twice: false);

        Assert.NotEmpty(leaving);
        Assert.Empty(rig.OnNode(rig.UsedNode));
        Assert.Equal(NodeDuty.Out, rig.State.World.ClosedNodes.Find(rig.UsedNode)?.Duty);
        Assert.All(leaving, id => Assert.Equal(
            (2, rig.SiteOf(rig.UsedNode)), (rig.Find(id).Epoch, rig.SiteOf(rig.Find(id).Units[0].Node))));
        Assert.Empty(rig.State.World.Moving);
    }

    [Fact]
    public void Nothing_new_comes_to_a_cordoned_node_until_it_is_in_use_again()
    {
        var rig = SagaRig.Fragmented(Terms);
        var nodes = rig.NodesOf(rig.UsedNode.Pool);
        foreach (var node in nodes.Skip(1)) rig.Set(node, NodeDuty.Cordoned);
        var request = SagaRig.Request(400, 8);

        rig.Set(nodes[0], NodeDuty.Cordoned);
        var refused = Placer.Decide(rig.State.World, rig.State.Law, request, VirtualTime.Start);
        var why = Placer.Explain(rig.State.World, rig.State.Law, request, VirtualTime.Start);
        rig.Set(nodes[^1], null);
        var placed = Placer.Decide(rig.State.World, rig.State.Law, request, VirtualTime.Start);

        Assert.IsType<Refused>(refused);
        Assert.Contains(
            "capacity.node-closed", why.Trials.SelectMany(trial => trial.Verdicts).Select(verdict => verdict.Reason));
        Assert.Equal(nodes[^1], Assert.IsType<Placed>(placed).Units[0].Node);
    }

    [Fact]
    public void Every_step_taken_twice_is_taken_once()
    {
        var rig = SagaRig.Fragmented(Terms);
        rig.Drain(rig.UsedNode);

        var taken = rig.Run(20, twice: true);

        Assert.NotEmpty(taken);
        Assert.Equal(taken.Distinct(), taken);
        Assert.Equal(NodeDuty.Out, rig.State.World.ClosedNodes.Find(rig.UsedNode)?.Duty);
    }

    [Theory]
    [InlineData(MoveStep.Stopping)]
    [InlineData(MoveStep.Starting)]
    [InlineData(MoveStep.Done)]
    public void A_step_that_does_not_land_is_taken_again(MoveStep lost)
    {
        var rig = SagaRig.Fragmented(Terms);
        var leaving = rig.OnNode(rig.UsedNode)[0];
        rig.Drain(rig.UsedNode);

        Assert.True(rig.RunLosing(lost, leaving, 40));

        Assert.Equal(2, rig.Find(leaving).Epoch);
        Assert.Equal(NodeDuty.Out, rig.State.World.ClosedNodes.Find(rig.UsedNode)?.Duty);
    }

    [Fact]
    public void A_source_that_does_not_stop_keeps_its_work_and_the_node_stays_draining()
    {
        var rig = SagaRig.Fragmented(Terms);
        var leaving = rig.OnNode(rig.UsedNode);
        rig.Drain(rig.UsedNode);

        var taken = rig.RunDeaf(20);

        Assert.Contains(taken, step => step.Step == MoveStep.Undone);
        Assert.All(leaving, id => Assert.Equal(1, rig.Find(id).Epoch));
        Assert.Equal(NodeDuty.Draining, rig.State.World.ClosedNodes.Find(rig.UsedNode)?.Duty);
    }

    [Fact]
    public void A_node_that_is_in_use_again_gets_back_what_has_not_stopped()
    {
        var rig = SagaRig.Fragmented(Terms with { StartsPerMinute = 0 });
        var room = rig.Room();
        rig.Drain(rig.UsedNode);
        // The bucket of the target lets one start, and no more.
        rig.LandDrain(rig.UsedNode);
        rig.Set(rig.UsedNode, null);

        var taken = rig.Run(20, twice: false);

        Assert.Contains(taken, step => step is { Step: MoveStep.Undone, Because: "its node is in use again" });
        Assert.Equal(room, rig.Room());
    }

    /// <summary>Two epochs of a placement never run beside each other at a site.</summary>
    [Fact]
    public void What_runs_on_other_nodes_of_the_site_too_stops_there_and_starts_again_with_the_rest()
    {
        var rig = SagaRig.Fragmented(Terms);
        var id = rig.PlacePair(500);
        var node = rig.Find(id).Units[0].Node;
        var site = rig.SiteOf(node);
        rig.Drain(node);
        rig.LandDrain(node);

        var wanted = new List<int>();
        for (var second = 0; second < 10; second++)
        {
            var order = SiteWork.OrdersFor(rig.State.World, site).FirstOrDefault(order => order.Placement == id);
            wanted.Add(order?.Units.Count ?? 0);
            rig.Run(1, twice: false);
        }

        Assert.Equal([2, 0, 2], wanted.Where((count, at) => at == 0 || count != wanted[at - 1]));
        Assert.Equal(2, rig.Find(id).Epoch);
        Assert.DoesNotContain(rig.Find(id).Units, unit => unit.Node == node);
    }

    [Fact]
    public void What_a_snapshot_keeps_of_nodes_is_what_was_said_of_them()
    {
        var rig = SagaRig.Fragmented(Terms);
        rig.Set(rig.UsedNode, NodeDuty.Cordoned);

        var bytes = LedgerSnapshot.Write(rig.State);
        var read = LedgerSnapshot.Read(new(), bytes);

        Assert.Equal(bytes, LedgerSnapshot.Write(read));
        Assert.Equal(rig.State.World.ClosedNodes.Conditions, read.World.ClosedNodes.Conditions);
        var pool = read.World.Fleet.FindPool(rig.UsedNode.Pool)!;
        Assert.True(read.World.Tenancy.IsClosed(pool.Index, rig.UsedNode.Ordinal));
    }
}
