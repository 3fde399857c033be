using System.Globalization;
using ControlPlane.Failover;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers.Simulated;

/// <summary>
/// Plays the scheduler of a site, nodes and all, in memory. It outlives the drivers that speak to it, as a scheduler
/// does, and counts what it started so that a second start of one name can be seen.
/// </summary>
internal sealed class SimulatedCluster(Seq<SimulatedPool> pools, TimeProvider clock, TimeSpan startDelay)
{
    /// <summary>Label of a workload that says after how many seconds its work ends by itself.</summary>
    public const string SecondsLabel = "cplane/seconds";

    private static readonly TimeSpan FlapHalf = TimeSpan.FromSeconds(8);

    private readonly Lock gate = new();
    private readonly SortedDictionary<(DecisionId Placement, Epoch Epoch), Copy> copies = [];
    private readonly Dictionary<DecisionId, Epoch> newest = [];
    private SimulatedFault fault;
    private long faultAt;
    private long? guardAt;

    /// <summary>Starts that made something run, counted over the life of the cluster.</summary>
    public int StartsDone { get; private set; }

    /// <summary>What is wrong now; a flapping site is dead or well, by turns.</summary>
    public SimulatedFault Fault
    {
        get
        {
            lock (gate) return Now();
        }
    }

    /// <summary>Breaks or heals the site. What died with it does not come back.</summary>
    public void Break(SimulatedFault next)
    {
        lock (gate)
        {
            if (fault == next) return;
            Settle();
            fault = next;
            faultAt = clock.GetTimestamp();
            Settle();
        }
    }

    public SiteObservation Observe()
    {
        lock (gate)
        {
            Settle();
            return new()
            {
                Work = SiteObservation.InOrder(copies.Values.Select(copy => copy.Seen(StatusOf(copy)))),
                Nodes = SiteObservation.InOrder(
                    from pool in pools
                    from ordinal in Enumerable.Range(0, pool.Nodes)
                    select new NodeReport { NodePool = pool.Pool, Node = ordinal, Ready = true }),
                Healthy = true,
                ConfidencePercent = 100,
            };
        }
    }

    public StartAnswer Start(WorkOrder order)
    {
        lock (gate)
        {
            Settle();
            if (newest.TryGetValue(order.Placement, out var known) && known > order.Epoch)
                return new RefusedOlder(known);
            var older = copies.Values.FirstOrDefault(
                copy => copy.Order.Placement == order.Placement && copy.Order.Epoch < order.Epoch);
            if (older is not null)
            {
                copies.Remove((older.Order.Placement, older.Order.Epoch));
                return new OlderStopping(older.Order.Epoch);
            }

            newest[order.Placement] = order.Epoch;
            if (!copies.ContainsKey((order.Placement, order.Epoch)))
            {
                copies.Add((order.Placement, order.Epoch), new(order, clock.GetTimestamp()));
                StartsDone++;
            }
        }

        return new Started();
    }

    public void Stop(DecisionId placement, Epoch epoch)
    {
        lock (gate)
        {
            Settle();
            copies.Remove((placement, epoch));
        }

    }

    public void Guard(TimeSpan left)
    {
        lock (gate)
        {
            Settle();
            guardAt = clock.GetTimestamp() + Ticks(left);
        }
    }

    // Whatever time has brought about since somebody last looked happens now, before anything else does.
    private void Settle()
    {
        if (guardAt is { } until && clock.GetTimestamp() >= until)
        {
            Remove(copy => copy.Order.RunClass == RunClass.Exclusive);
        }

        if (fault is SimulatedFault.Dead or SimulatedFault.Flapping)
        {
            var died = DiedLast();
            Remove(copy => copy.StartedAt < died);
        }
    }

    // A flapping site was dead at the end of its last dead turn for the last time.
    private long DiedLast() => Now() == SimulatedFault.Dead
        ? long.MaxValue
        : faultAt + Ticks(FlapHalf * (long)(clock.GetElapsedTime(faultAt) / FlapHalf));

    private void Remove(Func<Copy, bool> ended)
    {
        foreach (var (key, copy) in copies.ToArray())
        {
            if (ended(copy)) copies.Remove(key);
        }
    }

    private SimulatedFault Now()
    {
        if (fault != SimulatedFault.Flapping) return fault;
        var turn = (long)(clock.GetElapsedTime(faultAt) / FlapHalf);
        return turn % 2 == 0 ? SimulatedFault.Dead : SimulatedFault.None;
    }

    private WorkStatus StatusOf(Copy copy)
    {
        var age = clock.GetElapsedTime(copy.StartedAt);
        if (age < startDelay) return WorkStatus.Starting;
        return copy.Length is { } length && age >= startDelay + length ? WorkStatus.Finished : WorkStatus.Running;
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * clock.TimestampFrequency);

    private sealed record Copy(WorkOrder Order, long StartedAt)
    {
        public TimeSpan? Length { get; } =
            Order.Labels.FirstOrDefault(label => label.Key == SecondsLabel).Value is { } text
            && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
                ? TimeSpan.FromSeconds(seconds)
                : null;

        public ObservedWork Seen(WorkStatus status) => new()
        {
            Placement = Order.Placement,
            Epoch = Order.Epoch,
            RunClass = Order.RunClass,
            Status = status,
        };
    }
}
