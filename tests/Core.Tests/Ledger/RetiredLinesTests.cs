using System.Security.Cryptography;
using ControlPlane.Ledger;
using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Ledger;

/// <summary>A ledger of which old content was let go, held against heads that were signed while it was there.</summary>
public sealed class RetiredLinesTests : IDisposable
{
    private const int UpTo = 20;

    private static readonly HashSet<long> needed = [2, 3, 9];

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly List<LedgerRecord> records = [.. SampleLedger.Records];

    public RetiredLinesTests()
    {
        var said = new RecordsRetired(
            UpTo, SampleLedger.Records[UpTo].At, SampleLedger.Records[UpTo - 1].Hash, SampleLedger.Records[0].Hash);
        records.Add(LedgerRecord.Chain(records.Count + 1, records[^1].At, said, records[^1].Hash));
    }

    public void Dispose() => key.Dispose();

    [Fact]
    public void Heads_from_before_inside_and_after_hold_against_what_is_left()
    {
        foreach (var size in new[] { 1, UpTo - 3, UpTo, UpTo + 1, records.Count })
        {
            var found = HeadVerification.Verify(Lines(), HeadOf(size), null);

            Assert.Equal(new HeadFinding(true, records.Count, null) { Retired = UpTo - needed.Count }, found);
        }
    }

    [Fact]
    public void A_thousand_tamperings_with_what_is_left_are_all_found()
    {
        var head = HeadOf(records.Count);
        var seed = Seed.Pick();
        var random = new Random(seed);
        for (var round = 0; round < 1_200; round++)
        {
            var lines = Lines();
            var at = random.Next(UpTo);
            var what = (round % 6) switch
            {
                0 => Letter(lines, at, random),
                1 => Drop(lines, at),
                2 => Swap(lines, random.Next(3, 7)),
                3 => Cut(lines, random.Next(lines.Count)),
                4 => Repeat(lines, at),
                _ => Hide(lines, random.Next(UpTo, lines.Count - 1)),
            };

            var found = HeadVerification.Verify(lines, head, null);

            Assert.False(found.IsSound, $"TEST_SEED={seed}, round {round}: {what} of line {at + 1} was not noticed");
        }
    }

    [Fact]
    public void Content_that_is_missing_without_a_record_that_says_so_is_named()
    {
        var lines = Lines()[..^1];

        var found = LedgerExport.Verify(lines, null, _ => { });

        Assert.Equal(
            new LedgerBroken(UpTo, UpTo, "its content is missing, and no record says that it was let go"), found);
    }

    [Fact]
    public void Who_needs_the_content_is_told_to_give_the_archive()
    {
        var found = Assert.IsType<LedgerBroken>(LedgerExport.Verify(Lines(), _ => { }));

        Assert.Equal((1, 1L), (found.Line, found.Position));
        Assert.Contains("give the archive", found.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_prove_what_their_content_proved()
    {
        var tree = new MerkleTree();
        foreach (var record in records) tree.Add(record.Body.Span);
        var given = new MerkleProofHashes(tree.Inclusion(4, records.Count), tree.Root);

        Assert.True(MerkleProof.IncludesLeaf((4, records.Count), LeafOf(records[4]), given));
        Assert.False(MerkleProof.IncludesLeaf((4, records.Count), LeafOf(records[5]), given));
        Assert.False(MerkleProof.IncludesLeaf((5, records.Count), LeafOf(records[4]), given));
    }

    /// <summary>
    /// A ledger goes on from a state once the records before it are gone, so what was written then has to be read for
    /// ever. Whoever raises the form of snapshots keeps a reader for this one.
    /// </summary>
    [Fact]
    public void The_first_form_of_a_state_that_a_ledger_may_go_on_from_is_still_read()
    {
        var path = Path.Combine(Checkout.Root, "tests/Core.Tests/golden/ledger/snapshot-form-12.bin");
        var state = new LedgerState(new FleetReader());
        foreach (var record in SampleLedger.Records) state.Fold(record);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1" && !File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, LedgerSnapshot.Write(state));
        }

        var read = LedgerSnapshot.Read(new FleetReader(), File.ReadAllBytes(path));

        Assert.Equal(LedgerSnapshot.DigestTextOf(state), LedgerSnapshot.DigestTextOf(read));
    }

    private List<string> Lines() =>
    [
        .. records.Select(record => record.Position > UpTo || needed.Contains(record.Position)
            ? LedgerExport.Line(record)
            : LedgerExport.Line(new RetiredRecord(
                record.Position, LeafOf(record).ToSeq(),
                record.Position == UpTo || needed.Contains(record.Position + 1) ? record.Hash : null))),
    ];

    private SignedHead HeadOf(int size)
    {
        var tree = new MerkleTree();
        foreach (var record in records.Take(size)) tree.Add(record.Body.Span);
        var head = new SignedHead
        {
            Size = size, Root = tree.Root, Hash = records[size - 1].Hash, At = records[^1].At,
            PublicKey = key.ExportSubjectPublicKeyInfo().ToSeq(), Signature = [],
        };
        return head with { Signature = key.SignData(head.Content(), HashAlgorithmName.SHA256).ToSeq() };
    }

    private static byte[] LeafOf(LedgerRecord record)
    {
        var leaf = new byte[LedgerRecord.HashBytes];
        MerkleTree.HashLeaf(record.Body.Span, leaf);
        return leaf;
    }

    private static string Letter(List<string> lines, int at, Random random)
    {
        var letter = random.Next(lines[at].Length);
        var other = lines[at][letter] == '7' ? '8' : '7';
        lines[at] = $"{lines[at][..letter]}{other}{lines[at][(letter + 1)..]}";
        return $"a letter at {letter}";
    }

    private static string Drop(List<string> lines, int at)
    {
        lines.RemoveAt(at);
        return "the loss";
    }

    private static string Swap(List<string> lines, int at)
    {
        // Positions are told anew, so that only the leaves are out of place.
        var (first, second) = (lines[at], lines[at + 1]);
        lines[at] = second.Replace($":{at + 2},", $":{at + 1},", StringComparison.Ordinal);
        lines[at + 1] = first.Replace($":{at + 1},", $":{at + 2},", StringComparison.Ordinal);
        return $"the swap at {at + 1}";
    }

    private static string Cut(List<string> lines, int to)
    {
        lines.RemoveRange(to, lines.Count - to);
        return "the cut";
    }

    private static string Repeat(List<string> lines, int at)
    {
        lines.Insert(at, lines[at]);
        return "the repetition";
    }

    /// <summary>Content that nobody said would go is replaced by its own leaf.</summary>
    private string Hide(List<string> lines, int at)
    {
        lines[at] = LedgerExport.Line(new RetiredRecord(at + 1, LeafOf(records[at]).ToSeq(), records[at].Hash));
        return $"the absence at {at + 1}";
    }
}
