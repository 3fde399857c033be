using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Workloads;

/// <summary>Placements in columns against a plain dictionary of them.</summary>
public sealed class PlacementColumnsTests
{
    private static readonly DateTimeOffset At = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_was_added_is_given_back_whatever_was_added_and_removed_in_between()
    {
        var seed = Seed.Pick();
        var random = new Random(seed);
        var columns = new PlacementColumns();
        var plain = new Dictionary<DecisionId, Placement>();
        var copy = (Columns: columns.Copy(), Plain: new Dictionary<DecisionId, Placement>());
        for (var step = 0; step < 30_000; step++)
        {
            // Now mostly growing, now mostly shrinking.
            if (plain.Count == 0 || random.Next(100) < (step / 5_000 % 2 == 0 ? 70 : 30))
            {
                var placement = Random(random);
                columns.Add(placement);
                plain.Add(placement.Id, placement);
            }
            else
            {
                var id = plain.Keys.ElementAt(random.Next(Math.Min(plain.Count, 50)));
                Assert.Equal(plain[id], columns.Remove(id));
                plain.Remove(id);
                Assert.Null(columns.Find(id));
            }

            if (step == 12_000) copy = (columns.Copy(), new(plain));
            if (step % 1_000 == 0) AssertSame(plain, columns, $"step {step} of seed {seed}");
        }

        AssertSame(plain, columns, $"the end of seed {seed}");
        AssertSame(copy.Plain, copy.Columns, $"the copy of seed {seed}");
    }

    private static void AssertSame(Dictionary<DecisionId, Placement> plain, PlacementColumns columns, string when)
    {
        Assert.True(plain.Count == columns.Count, when);
        Assert.True(
            plain.Values.OrderBy(placement => placement.Id)
                .SequenceEqual(columns.OrderBy(placement => placement.Id)), when);
        Assert.True(plain.Keys.All(id => columns.Find(id) == plain[id]), when);
    }

    /// <summary>One in five is of a form that no row can say.</summary>
    private static Placement Random(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        var units = random.Next(10) == 0 ? 2 : 1;
        var held = random.Next(10) == 0;
        return new Placement
        {
            Id = new DecisionId(new Guid(bytes)),
            Request = new PlacementRequest
            {
                Tenant = new($"tenant-{random.Next(5)}"),
                Workload = random.Next(20) == 0 ? $"größer-{random.Next()}" : new string('w', 1 + random.Next(60)),
                Kind = WorkloadKind.Batch,
                DataClass = new("public"),
                Labels = random.Next(4) == 0 ? [new("only", $"{random.Next()}")] : [],
                Units = units,
                Unit = new UnitNeed { Accelerators = random.Next(3), CpuMilli = 4_000, MemoryMib = 16_384 },
            },
            State = held ? PlacementState.Held : PlacementState.Bound,
            HoldUntil = held ? At.AddMinutes(random.Next(60)) : null,
            Epoch = 1 + random.Next(3),
            Units =
            [
                .. Enumerable.Range(0, units).Select(_ => new UnitBinding(
                    new NodeId(new NodePoolId($"pool-{random.Next(7)}"), random.Next(100)), (ulong)random.NextInt64(),
                    random.Next(1000))),
            ],
            DecidedAt = At.AddMilliseconds(random.Next(1_000_000)),
            Isolation = (IsolationLevel)random.Next(3),
        };
    }
}
