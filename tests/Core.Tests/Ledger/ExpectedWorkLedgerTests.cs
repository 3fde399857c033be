using ControlPlane.Core.Tests.Policies;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Files;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Ledger;

/// <summary>A ledger under policies that expect work, decided with much remembered and replayed with nothing.</summary>
public sealed class ExpectedWorkLedgerTests
{
    private const string Preferences = ExpectedWorkTests.Weights + """
        expectedWork:
          - { weight: 60, shareMilli: 500, cpuMilli: 4000 }
          - { weight: 20, shareMilli: 300, cpuMilli: 2000 }
          - { weight: 30, accelerators: 4, cpuMilli: 20000 }

        """;

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_decision_replays_to_the_byte_whether_anything_is_remembered_or_not()
    {
        var placed = 0;
        Seeds.ForEach(4, dice =>
        {
            var records = Written(dice);

            var (warm, undone) = (new LedgerState(new FleetReader()), new LedgerState(new FleetReader()));
            foreach (var record in records)
            {
                if (record.Event is PlacementDecided { Decision: Placed }) placed++;
                if (record.Event is PlacementDecided)
                {
                    Assert.IsType<ReplaySame>(Replay.Of(warm, record));
                    Assert.IsType<ReplaySame>(Replay.Of(warm.Copy(), record));
                    var mark = undone.Mark();
                    undone.Fold(record);
                    undone.UndoTo(mark);
                    Assert.IsType<ReplaySame>(Replay.Of(undone, record));
                    Assert.IsType<ReplaySame>(Replay.Of(
                        LedgerSnapshot.Read(new FleetReader(), LedgerSnapshot.Write(warm)), record));
                }

                warm.Fold(record);
                undone.Fold(record);
            }
        });
        Assert.True(placed > 150, $"{placed}: too easy");
    }

    private static List<LedgerRecord> Written(Dice dice)
    {
        var state = new LedgerState(new FleetReader());
        var records = new List<LedgerRecord>();
        Seq<SourceFile> files = [new(PolicyFiles.PreferencesPath, Preferences)];
        Append(new FleetDeclared(SmallFleet.Files().ToSeq(), []));
        Append(new PoliciesActivated(files, PolicyFiles.Parse(files).Value.Digest));
        for (var number = 1; number <= 80; number++)
        {
            Append(Decided(state, (number, Request(dice, number)), Start.AddMinutes(records.Count)));
            var bound = state.World.Placements.Select(placement => placement.Id).ToList();
            if (bound.Count > 0 && dice.Chance(40))
                Append(new PlacementReleased(dice.Pick<DecisionId>(bound), ReleaseReason.Released));
        }

        return records;

        void Append(LedgerEvent made) => records.Add(state.Append(made, Start.AddMinutes(records.Count)));
    }

    private static PlacementDecided Decided(
        LedgerState state, (int Number, PlacementRequest Request) asked, DateTimeOffset at) => new()
    {
        Id = new DecisionId(new Guid(asked.Number, 0, 0, new byte[8])), Request = asked.Request, HoldUntil = null,
        IdempotencyKey = $"key-{asked.Number}", RequestHash = RequestHash.Of(asked.Request, null),
        PolicyDigest = state.Law.Policies.Digest, EngineVersion = Replay.EngineVersion,
        Decision = Placer.Decide(state.World, state.Law, asked.Request, at),
    };

    private static PlacementRequest Request(Dice dice, int number)
    {
        var share = dice.Pick(0, 0, 300, 500, 250);
        return new PlacementRequest
        {
            Tenant = new("klinik-nord"), Workload = $"work-{number}",
            Kind = dice.Pick(WorkloadKind.Service, WorkloadKind.Batch, WorkloadKind.Gang),
            DataClass = new("health"), Units = dice.Pick(1, 1, 1, 2, 3),
            Unit = new()
            {
                Accelerators = share > 0 ? 0 : dice.Pick(0, 1, 1, 2, 4), AcceleratorShareMilli = share,
                CpuMilli = dice.Pick(2_000, 4_000, 12_000), MemoryMib = 4_096,
            },
        };
    }
}
