using System.Globalization;
using System.Security.Cryptography;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Bench.Audit;

/// <summary>
/// Measures how fast a ledger is verified: its lines, chain and tree against a signed head, in processor time of one
/// core; and plants a change that the verifier must find.
/// </summary>
internal static class AuditTable
{
    private const int BoundPerSecond = 100_000;
    private static readonly DateTimeOffset at = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    public static BenchTable Make(BenchOptions options)
    {
        var count = options.Quick ? 5_000 : 200_000;
        var table = new BenchTable(
            "audit", $"Verification of {count} decisions", ["what", "each", "a second", "bound"]);
        var records = Records(count);
        var lines = records.ConvertAll(LedgerExport.Line);
        var head = HeadOf(records);
        var bytes = records.Sum(record => (long)record.Body.Count) / count;
        table.Notes.Add($"a record has {bytes} bytes; times are processor time, so a second is one of one core");

        var slices = options.Quick ? 2 : 5;
        Add(table, "tree over bodies (RFC 6962)", count, Slices.Measure(slices, _ => Tree(records), 1));
        Add(table, "lines and chain", count, Slices.Measure(slices, _ => LedgerExport.Verify(lines), 1));
        var sound = true;
        // More lines must not cost more each.
        foreach (var part in (int[])[count / 10, count])
        {
            var some = lines[..part];
            var signed = part == count ? head : HeadOf(records[..part]);
            Add(table, string.Create(
                CultureInfo.InvariantCulture, $"lines, chain, tree and signature of a head, {part} records"), part,
                Slices.Measure(slices, _ => sound &= HeadVerification.Verify(some, signed, null).IsSound, 1));
        }

        if (!sound) table.Wrong.Add("a ledger that nobody touched is said to be changed");
        var last = LedgerRecord.Chain(
            count, at, records[^1].Event with { By = new Actor("mallory", "", "", "") }, records[^2].Hash);
        if (HeadVerification.Verify([.. lines.SkipLast(1), LedgerExport.Line(last)], head, null).IsSound)
            table.Wrong.Add("a rewritten last record is not found");
        return table;
    }

    private static void Add(BenchTable table, string what, int count, Sample sample)
    {
        var each = sample.Median / count;
        table.Add(
            what, Sample.Text(each), (1e9 / each).ToString("N0", CultureInfo.InvariantCulture),
            BoundPerSecond.ToString("N0", CultureInfo.InvariantCulture));
    }

    private static List<LedgerRecord> Records(int count)
    {
        var records = new List<LedgerRecord>(count);
        var hash = LedgerRecord.NoHash;
        for (var number = 1; number <= count; number++)
        {
            var record = LedgerRecord.Chain(number, at, EventOf(number), hash);
            hash = record.Hash;
            records.Add(record);
        }

        return records;
    }

    private static PlacementDecided EventOf(int number)
    {
        var request = new PlacementRequest
        {
            Tenant = new("klinik-nord"),
            Workload = string.Create(CultureInfo.InvariantCulture, $"triage-{number}"),
            Kind = WorkloadKind.Service,
            DataClass = new("health"),
            Residency = [new("DE")],
            Units = 1,
            Unit = new() { Accelerators = 8, CpuMilli = 64_000, MemoryMib = 524_288 },
        };
        return new PlacementDecided
        {
            Id = new DecisionId(new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1])),
            Request = request,
            IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"key-{number}"),
            RequestHash = RequestHash.Of(request, null),
            PolicyDigest = Convert.ToHexStringLower(SHA256.HashData([])),
            EngineVersion = Replay.EngineVersion,
            Decision = new Refused("no-capacity"),
            By = new Actor("scheduler", "https://login.example.de/realms/control", "", "10.1.2.3"),
        };
    }

    private static Seq<byte> Tree(List<LedgerRecord> records)
    {
        var tree = new MerkleTree();
        foreach (var record in records) tree.Add(record.Body.Span);
        return tree.Root;
    }

    private static SignedHead HeadOf(List<LedgerRecord> records)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var head = new SignedHead
        {
            Size = records.Count,
            Root = Tree(records),
            Hash = records[^1].Hash,
            At = at,
            PublicKey = key.ExportSubjectPublicKeyInfo().ToSeq(),
            Signature = [],
        };
        return head with { Signature = key.SignData(head.Content(), HashAlgorithmName.SHA256).ToSeq() };
    }
}
