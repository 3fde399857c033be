using System.Security.Cryptography;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Regions;

namespace ControlPlane.Cli.Ledger;

/// <summary>
/// Folds the records of an export one by one and decides every recorded decision once more on the state just before
/// it. Two machines that were given the same export come to the same digests.
/// </summary>
internal sealed class LedgerReplay : IDisposable
{
    // Undoing is never asked for here; forgetting how keeps a long ledger from filling the memory.
    private const int SettleEvery = 1_000;

    private const int MostDifferencesNamed = 20;

    private readonly IncrementalHash decisions = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<long> differing = [];

    /// <summary>The state after the records so far.</summary>
    public LedgerState State { get; } = new(new FleetReader());

    public long Same { get; private set; }

    public long Different { get; private set; }

    /// <summary>Decisions of other versions of the engine, which cannot be made again.</summary>
    public long Impossible { get; private set; }

    /// <summary>Positions of the first decisions that came out differently.</summary>
    public IReadOnlyList<long> Differing => differing;

    public void Fold(LedgerRecord record)
    {
        Fit(record.Event);
        if (record.Event is PlacementDecided) Compare(record);
        State.Fold(record);
        if (record.Position % SettleEvery == 0) State.Settle();
    }

    /// <summary>SHA-256 over the bytes of all replayed decisions in their order.</summary>
    public Seq<byte> DecisionsDigest() => decisions.GetCurrentHash().ToSeq();

    public void Dispose() => decisions.Dispose();

    // The chain shows that a record was not changed, not that it ever made sense.
    private void Fit(LedgerEvent ledgerEvent)
    {
        var world = State.World;
        switch (ledgerEvent)
        {
            case PlacementReleased { Id: var id } when world.Find(id) is null:
                throw new LedgerFormatException($"releases the placement {id}, which is not there");
            case HoldConfirmed { Id: var id } when world.Find(id) is null:
                throw new LedgerFormatException($"confirms the hold {id}, which is not there");
            case PlacementDecided { Id: var id } when world.Find(id) is not null:
                throw new LedgerFormatException($"makes the placement {id}, which is there already");
            case PlacementDecided { Decision: Placed placed }:
                if (placed.Preempted.Any(ended => world.Find(ended) is null))
                    throw new LedgerFormatException("ends a placement that is not there");
                var strange = placed.Units.FirstOrDefault(unit =>
                    world.Fleet.FindPool(unit.Node.Pool) is not { } pool
                        || unit.Node.Ordinal < 0
                        || unit.Node.Ordinal >= pool.Nodes);
                if (strange != default)
                    throw new LedgerFormatException($"uses the node {strange.Node}, which is not there");
                break;
        }
    }

    private void Compare(LedgerRecord record)
    {
        switch (Replay.Of(State, record))
        {
            case ReplaySame same:
                Same++;
                decisions.AppendData(DecisionCodec.ToBytes(same.Explanation.Decision));
                break;
            case ReplayDiffers differs:
                Different++;
                if (differing.Count < MostDifferencesNamed) differing.Add(record.Position);
                decisions.AppendData(DecisionCodec.ToBytes(differs.Explanation.Decision));
                break;
            default:
                Impossible++;
                break;
        }
    }
}
