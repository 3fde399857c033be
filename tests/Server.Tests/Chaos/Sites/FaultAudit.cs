using ControlPlane.Failover;
using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Server.Tests.Trace;

namespace ControlPlane.Server.Tests.Chaos.Sites;

/// <summary>Judges from outside, by the ledger and by what agents logged, that nothing went wrong in a run.</summary>
internal static class FaultAudit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <returns>What was looked at, for people.</returns>
    public static async Task<string> AssertSoundAsync(FaultRig rig)
    {
        await Task.WhenAll(rig.Traffic.Select(client => client.SettleAsync(rig.Serving.Http)));
        var live = rig.Traffic.SelectMany(client => client.Live).Concat(rig.Residents).ToList();
        await LedgerAudit.AssertPlacementsAsync(rig.Serving.Http, live);
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            // What goes home again does so a while after its site is well.
            var (state, decided, moves, records) = await FoldAsync(rig);
            var (watch, amiss) = Compare(rig, state, decided);
            Assert.Empty(watch.Doubled);
            if (state.World.Moving.Count == 0 && amiss is null && await AreAllWellAsync(rig))
            {
                Assert.Empty(state.World.Held);
                AssertNothingLeaks(state);
                foreach (var placement in state.World.Placements)
                    Assert.True(state.Law.IsLawful(placement, state.At), $"{placement} is unlawful");
                return $"{records} records, {decided.Count} decisions, {moves} moves done, {live.Count} placements at "
                    + $"the end, {watch.Seen} starts and stops seen at sites";
            }

            if (DateTime.UtcNow > until) Assert.Fail($"not settled: {state.World.Moving.Count} moves; {amiss}");
            await Task.Delay(1_000);
        }
    }

    private static async Task<(LedgerState State, List<PlacementDecided> Decided, int Moves, int Records)> FoldAsync(
        FaultRig rig)
    {
        var (state, decided, moves) = (new LedgerState(new FleetReader()), new List<PlacementDecided>(), 0);
        var export = await LedgerFold.ExportAsync(rig.Serving.Http);
        var verified = LedgerExport.Verify(export, record =>
        {
            state.Fold(record);
            state.Settle();
            if (record.Event is PlacementDecided one) decided.Add(one);
            if (record.Event is MoveStepped { Step: Workloads.MoveStep.Done }) moves++;
            AssertFits(state, record.Position);
        });
        Assert.IsType<LedgerSound>(verified);
        return (state, decided, moves, export.Count);
    }

    private static async Task<bool> AreAllWellAsync(FaultRig rig) =>
        (await rig.AskAsync("/v1/site-conditions")).GetProperty("sites").EnumerateArray()
        .All(site => site.GetProperty("health").GetString() == "healthy");

    private static void AssertFits(LedgerState state, long position)
    {
        foreach (var pool in state.World.Fleet.Pools)
        {
            for (var node = 0; node < pool.Nodes; node++)
            {
                if (!state.World.Nodes.IsSound(pool.Index, node))
                    Assert.Fail($"node {node} of {pool.Id} is overcommitted at position {position}");
            }
        }
    }

    /// <summary>Whatever is not free is used by a placement that is there.</summary>
    private static void AssertNothingLeaks(LedgerState state)
    {
        var used = state.World.Placements
            .SelectMany(placement => placement.Units.Select(unit => (
                Pool: state.World.Fleet.FindPool(unit.Node.Pool)!, placement.Request.Unit)))
            .GroupBy(item => item.Pool)
            .ToDictionary(items => items.Key, items => items.Sum(item => (long)item.Unit.AcceleratorMilli));
        foreach (var pool in state.World.Fleet.Pools)
        {
            Assert.Equal(
                pool.AcceleratorMilli - used.GetValueOrDefault(pool),
                state.World.Nodes.FreeAcceleratorMilli(pool.Index));
        }
    }

    /// <summary>Whether exactly what the ledger wants runs at every site, by what the sites say.</summary>
    private static (RunWatch Watch, string? Amiss) Compare(
        FaultRig rig, LedgerState state, List<PlacementDecided> decided)
    {
        var wanted = state.World.Fleet.Sites
            .SelectMany(site => SiteWork.OrdersFor(state.World, site.Id)
                .Select(order => (site.Id, order.Workload, $"{order.Epoch}"))).ToHashSet();
        var names = decided.ToDictionary(one => one.Id.Value, one => one.Request.Workload);
        var alone = decided.Where(one => one.Request.Units == 1).Select(one => one.Request.Workload).ToHashSet();
        var watch = RunWatch.Of(rig.Said(), names, alone.Contains);
        var running = watch.Running.Select(item => (item.Site, item.Workload, item.Epoch)).ToHashSet();
        if (running.SetEquals(wanted)) return (watch, null);
        return (watch, $"missing {string.Join(", ", wanted.Except(running))}; "
            + $"left over {string.Join(", ", running.Except(wanted))}");
    }
}
