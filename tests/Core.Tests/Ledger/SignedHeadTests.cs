using System.Security.Cryptography;
using ControlPlane.Ledger;

namespace ControlPlane.Core.Tests.Ledger;

/// <summary>What one old signed head, kept elsewhere, shows of what was done to a ledger.</summary>
public sealed class SignedHeadTests : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => key.Dispose();

    [Fact]
    public void A_ledger_that_went_on_is_what_the_head_says()
    {
        var head = HeadOf(SampleLedger.Records.Take(20));

        var found = HeadVerification.Verify(SampleLedger.Lines, head, head.KeyId);

        Assert.Equal(new HeadFinding(true, SampleLedger.Lines.Count, null), found);
        Assert.Equal(head, SignedHead.Parse(head.ToJson()));
    }

    [Fact]
    public void A_thousand_tamperings_with_what_a_head_covers_are_all_found()
    {
        var head = HeadOf(SampleLedger.Records);
        var seed = Seed.Pick();
        var random = new Random(seed);
        var found = new Dictionary<string, int>();
        for (var round = 0; round < 1_200; round++)
        {
            var (what, lines) = (round % 4) switch
            {
                0 => ("cut off the end", SampleLedger.Lines.Take(random.Next(SampleLedger.Lines.Count)).ToList()),
                1 => ("rewritten from a record on", Rewritten(random.Next(SampleLedger.Records.Count), drop: false)),
                2 => ("dropped and rewritten", Rewritten(random.Next(SampleLedger.Records.Count), drop: true)),
                _ => ("changed text", Changed(random)),
            };

            var finding = HeadVerification.Verify(lines, head, head.KeyId);

            Assert.False(finding.IsSound, $"TEST_SEED={seed}, round {round}: {what} was not noticed");
            found[what] = found.GetValueOrDefault(what) + 1;
        }

        Assert.Equal(4, found.Count);
    }

    [Fact]
    public void A_head_that_was_changed_or_signed_by_somebody_else_proves_nothing()
    {
        var head = HeadOf(SampleLedger.Records);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        SignedHead[] forged =
        [
            head with { Size = head.Size - 1 },
            head with { At = head.At.AddSeconds(1) },
            head with { Root = head.Hash },
            head with { Signature = [.. head.Signature.Take(63), (byte)(head.Signature[63] ^ 1)] },
            head with { PublicKey = other.ExportSubjectPublicKeyInfo().ToSeq() },
            head with { PublicKey = [1, 2, 3] },
        ];

        Assert.All(forged, item => Assert.False(HeadVerification.Verify(SampleLedger.Lines, item, null).IsSound));
        Assert.False(HeadVerification.Verify(SampleLedger.Lines, head, "0000000000000000").IsSound);
    }

    [Fact]
    public void Every_record_is_proven_in_every_later_tree_and_every_tree_is_the_beginning_of_every_later_one()
    {
        var bodies = Enumerable.Range(0, 33).Select(number => new[] { (byte)number, (byte)7 }).ToList();
        var tree = new MerkleTree();
        foreach (var body in bodies) tree.Add(body);
        for (var size = 1; size <= bodies.Count; size++)
        {
            var root = tree.RootAt(size);
            Assert.Equal(Naive([.. bodies.Take(size)]), root.ToArray());
            for (var index = 0; index < size; index++)
            {
                var given = new MerkleProofHashes(tree.Inclusion(index, size), root);
                Assert.True(MerkleProof.Includes((index, size), bodies[index], given), $"{index} of {size}");
                Assert.False(MerkleProof.Includes((index, size), [9], given));
                if (size > 1) Assert.False(MerkleProof.Includes(((index + 1) % size, size), bodies[index], given));
            }

            for (var first = 1; first <= size; first++)
            {
                var older = (first, tree.RootAt(first));
                var path = tree.Consistency(first, size);
                Assert.True(MerkleProof.Extends(older, (size, root), path), $"{first} in {size}");
                if (first == size) continue;
                Assert.False(MerkleProof.Extends((first, root), (size, root), path));
                Assert.False(MerkleProof.Extends(older, (size, older.Item2), path));
            }
        }
    }

    [Fact]
    public void The_known_roots_of_the_test_data_of_certificate_transparency_come_out()
    {
        string[] leaves =
        [
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
        ];
        var tree = new MerkleTree();
        foreach (var leaf in leaves) tree.Add(Convert.FromHexString(leaf));

        Assert.Equal(
            (
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
            (Convert.ToHexStringLower(tree.RootAt(1).Span), Convert.ToHexStringLower(tree.Root.Span)));
    }

    private SignedHead HeadOf(IEnumerable<LedgerRecord> records)
    {
        var tree = new MerkleTree();
        var last = LedgerRecord.NoHash;
        foreach (var record in records)
        {
            tree.Add(record.Body.Span);
            last = record.Hash;
        }

        var head = new SignedHead
        {
            Size = tree.Size,
            Root = tree.Root,
            Hash = last,
            At = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero),
            PublicKey = key.ExportSubjectPublicKeyInfo().ToSeq(),
            Signature = [],
        };
        return head with { Signature = key.SignData(head.Content(), HashAlgorithmName.SHA256).ToSeq() };
    }

    /// <summary>From a record on all is written anew, with sound hashes: the chain alone shows nothing.</summary>
    private static List<string> Rewritten(int from, bool drop)
    {
        var lines = SampleLedger.Lines.Take(from).ToList();
        var hash = from == 0 ? LedgerRecord.NoHash : SampleLedger.Records[from - 1].Hash;
        var rest = SampleLedger.Records.Skip(drop ? from + 1 : from);
        foreach (var (record, index) in rest.Select((item, at) => (item, at)))
        {
            var by = new Actor("mallory", "", "", "");
            var changed = index == 0 ? record.Event with { By = by } : record.Event;
            var anew = LedgerRecord.Chain(lines.Count + 1, record.At, changed, hash);
            hash = anew.Hash;
            lines.Add(LedgerExport.Line(anew));
        }

        return lines;
    }

    private static List<string> Changed(Random random)
    {
        var lines = SampleLedger.Lines.ToList();
        var at = random.Next(lines.Count);
        var letter = random.Next(lines[at].Length);
        var other = lines[at][letter] == 'x' ? 'y' : 'x';
        lines[at] = $"{lines[at][..letter]}{other}{lines[at][(letter + 1)..]}";
        return lines;
    }

    private static byte[] Naive(List<byte[]> bodies)
    {
        if (bodies.Count == 1) return SHA256.HashData([0, .. bodies[0]]);
        var split = 1;
        while (split * 2 < bodies.Count) split *= 2;
        return SHA256.HashData([1, .. Naive(bodies[..split]), .. Naive(bodies[split..])]);
    }
}
