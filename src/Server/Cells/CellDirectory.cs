using System.Diagnostics;
using System.Security.Cryptography;
using ControlPlane.Cells;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using Microsoft.Extensions.Primitives;

namespace ControlPlane.Server.Cells;

/// <summary>
/// Keeps the last report of each cell in memory, and nothing else anywhere: it has no database and writes no file.
/// After a restart it knows what the cells tell it within seconds.
/// </summary>
internal sealed class CellDirectory : IDisposable
{
    /// <summary>How far the clock of a cell may be from the one here.</summary>
    private static readonly TimeSpan skew = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly SortedDictionary<CellId, Entry> entries = [];
    private readonly Fleet catalogue;
    private readonly TimeProvider clock;

    private CellDirectory(Fleet catalogue, TimeProvider clock) => (this.catalogue, this.clock) = (catalogue, clock);

    public static Checked<CellDirectory> Of(DirectorySpec spec, Fleet catalogue, TimeProvider clock)
    {
        var directory = new CellDirectory(catalogue, clock);
        var problems = new List<Problem>();
        foreach (var (cell, index) in spec.Cells.Select((cell, index) => (cell, index)))
            directory.Add(cell, $"cells[{index}]", problems);
        if (problems.Count == 0) return Checked<CellDirectory>.Valid(directory);
        directory.Dispose();
        return Checked<CellDirectory>.Invalid(problems);
    }

    /// <summary>What is wrong with the sender of a message; null when it is the cell that it says.</summary>
    public Problem? Refusal(CellMessage message, string signature)
    {
        if (!entries.TryGetValue(message.Cell, out var entry)) return Unknown();
        var at = DateTimeOffset.FromUnixTimeMilliseconds(message.At);
        var (signed, value) = (message.Signed(), new byte[64]);
        if ((clock.GetUtcNow() - at).Duration() > skew
            || !Convert.TryFromBase64String(signature, value, out var length)) return Unknown();
        lock (gate)
        {
            var isOwn = entry.Keys.Exists(key =>
                key.VerifyData(signed, value.AsSpan(0, length), HashAlgorithmName.SHA256));
            return isOwn ? null : Unknown();
        }
    }

    /// <summary>Takes the numbers of a cell whose message is its own, or says what is wrong with them.</summary>
    public Seq<Problem> Take(CellMessage message)
    {
        var entry = entries[message.Cell];
        var report = CellReportCheck.Read(message.Body, entry.Spec, catalogue);
        if (!report.IsValid) return report.Problems;
        lock (gate)
        {
            if (message.At <= entry.At)
                return [ProblemCatalog.ReportOutdated.At(CellMessage.AtHeader, "is not later than the last one")];
            (entry.Report, entry.At, entry.TakenAt) = (report.Value, message.At, clock.GetTimestamp());
            return [];
        }
    }

    /// <summary>Everything that is known.</summary>
    public CellTable Table()
    {
        lock (gate)
        {
            return CellTable.Empty with
            {
                Cells = entries.Values.Select(entry => new ListedCell
                {
                    Cell = entry.Spec.Cell,
                    Jurisdictions = entry.Spec.Jurisdictions,
                    Url = new Uri(entry.Url),
                    AgeSeconds = entry.Report is null
                        ? null
                        : (long)clock.GetElapsedTime(entry.TakenAt).TotalSeconds,
                    Report = entry.Report,
                }).ToSeq(),
            };
        }
    }

    /// <summary>The shape that a query asks for; null when a part of it is no number or no model.</summary>
    public CellShape? ShapeOf(IEnumerable<KeyValuePair<string, StringValues>> query)
    {
        var shape = new CellShape(null, 0, 0);
        foreach (var (name, values) in query)
        {
            if (values is not [{ } text]) return null;
            var number = WrittenNumber.Whole(text);
            switch (name)
            {
                case "sku" when text == CellSku.Cpu.Value || catalogue.FindSku(new(text)) is not null:
                    shape = shape with { Sku = new(text) };
                    break;
                case "free" when number is { } free:
                    shape = shape with { Free = free };
                    break;
                case "largest" when number is { } largest:
                    shape = shape with { Largest = largest };
                    break;
                default: return null;
            }
        }

        return shape;
    }

    public void Dispose()
    {
        foreach (var key in entries.Values.SelectMany(entry => entry.Keys)) key.Dispose();
    }

    private static Problem Unknown() => ProblemCatalog.CellUnknown.At(
        CellMessage.SignatureHeader, "is not one of a cell that the directory knows, of now");

    private void Add(DirectoryCell cell, string path, List<Problem> problems)
    {
        var spec = new CellSpec { Cell = cell.Cell, Jurisdictions = cell.Jurisdictions };
        foreach (var id in cell.Jurisdictions.Where(id => catalogue.FindJurisdiction(id) is null))
            problems.Add(new Problem("country-unknown", $"{path}.jurisdictions", $"{id} is not in the catalogue"));
        var shared = catalogue.Regions.FirstOrDefault(region => spec.Holds(catalogue, region.Spec.Jurisdiction)
            && entries.Values.Any(other => other.Spec.Holds(catalogue, region.Spec.Jurisdiction)));
        if (shared is not null)
            problems.Add(new Problem("duplicate-id", path, $"decides for {shared.Id}, as a cell above does"));
        var entry = new Entry(spec, cell.Url);
        if (!entries.TryAdd(cell.Cell, entry))
            problems.Add(new Problem("duplicate-id", $"{path}.cell", $"{cell.Cell} stands there twice"));
        foreach (var (text, index) in cell.Keys.Select((text, index) => (text, index)))
        {
            var key = ECDsa.Create();
            entry.Keys.Add(key);
            try
            {
                key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(text), out _);
            }
            catch (Exception broken) when (broken is FormatException or CryptographicException)
            {
                problems.Add(new Problem(
                    "value-unknown", $"{path}.keys[{index}]", "is no public key on P-256 in base64"));
            }
        }
    }

    [DebuggerDisplay("{Spec.Cell}")]
    private sealed class Entry(CellSpec spec, string url)
    {
        public CellSpec Spec => spec;

        public string Url => url;

        public List<ECDsa> Keys { get; } = [];

        public CellReport? Report { get; set; }

        /// <summary>Moment of the message, by the cell's clock; -1 before the first.</summary>
        public long At { get; set; } = -1;

        /// <summary>When it came, by a clock that nobody sets.</summary>
        public long TakenAt { get; set; }
    }
}
