using ControlPlane.Failover;
using ControlPlane.SiteAgent.Drivers;
using ControlPlane.SiteAgent.Drivers.Simulated;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Tests.Drivers;

public sealed class SimulatedDriverTests
{
    [Theory]
    [MemberData(nameof(DriverContract.Promises), MemberType = typeof(DriverContract))]
    public Task It_keeps_the_contract(string promise) => DriverContract.HoldAsync(promise, new Bench());

    [Fact]
    public async Task What_died_with_the_site_does_not_come_back_with_it()
    {
        await using var bench = new Bench();
        await using var driver = bench.Connect();
        var order = DriverBench.Order();
        await bench.RunAsync(driver, order);

        bench.Simulated.Break(SimulatedFault.Dead);
        bench.Simulated.Break(SimulatedFault.None);

        Assert.Null(await DriverBench.SeenAsync(driver, order));
    }

    [Fact]
    public async Task A_flapping_site_is_dead_and_well_by_turns_and_loses_its_work_each_time()
    {
        await using var bench = new Bench();
        await using var driver = bench.Connect();
        var order = DriverBench.Order();
        bench.Simulated.Break(SimulatedFault.Flapping);
        var turns = new List<SimulatedFault>();

        for (var turn = 0; turn < 4; turn++)
        {
            turns.Add(bench.Simulated.Fault);
            if (bench.Simulated.Fault == SimulatedFault.None)
            {
                await driver.StartAsync(order, CancellationToken.None);
                Assert.Equal(1, await bench.CountLiveAsync(order));
            }

            await bench.PassAsync(TimeSpan.FromSeconds(8));
        }

        Assert.Equal(
            [SimulatedFault.Dead, SimulatedFault.None, SimulatedFault.Dead, SimulatedFault.None], turns);
        bench.Simulated.Break(SimulatedFault.None);
        Assert.Null(await DriverBench.SeenAsync(driver, order));
    }

    [Fact]
    public async Task A_hung_site_answers_only_when_the_caller_gives_up_and_its_work_runs_on()
    {
        await using var bench = new Bench();
        await using var driver = bench.Connect();
        var order = DriverBench.Order();
        await bench.RunAsync(driver, order);

        bench.Simulated.Break(SimulatedFault.Hung);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => driver.ObserveAsync(patience.Token));

        Assert.Equal(1, await bench.CountLiveAsync(order));
    }

    private sealed class Bench : DriverBench
    {
        private readonly ManualClock clock = new();
        private bool losesNext;

        public Bench() => Simulated = new([new(Pool, 2, 8)], clock, TimeSpan.FromSeconds(1));

        public SimulatedCluster Simulated { get; }

        public override ISiteDriver Connect() => new Lossy(new SimulatedDriver(Simulated), this);

        public override Task<int> CountLiveAsync(WorkOrder order) => Task.FromResult(Simulated.Observe().Work.Count(
            work => work.Placement == order.Placement && work.Epoch == order.Epoch && work.IsLive));

        public override void LoseNextReply() => losesNext = true;

        public override Task KillSchedulerAsync()
        {
            Simulated.Break(SimulatedFault.Dead);
            return Task.CompletedTask;
        }

        public override Task FinishAsync(WorkOrder order)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            return Task.CompletedTask;
        }

        public override Task PassAsync(TimeSpan span)
        {
            clock.Advance(span);
            return Task.CompletedTask;
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private sealed class Lossy(SimulatedDriver inner, Bench bench) : ISiteDriver
        {
            public bool Guards => inner.Guards;

            public Task<SiteObservation> ObserveAsync(CancellationToken cancellation) =>
                inner.ObserveAsync(cancellation);

            public async Task<StartAnswer> StartAsync(WorkOrder order, CancellationToken cancellation)
            {
                var answer = await inner.StartAsync(order, cancellation);
                if (!bench.losesNext) return answer;
                bench.losesNext = false;
                throw new SiteUnreachableException("the answer was lost");
            }

            public Task StopAsync(DecisionId placement, Epoch epoch, CancellationToken cancellation) =>
                inner.StopAsync(placement, epoch, cancellation);

            public Task GuardAsync(TimeSpan left, CancellationToken cancellation) =>
                inner.GuardAsync(left, cancellation);

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
