using System.Text.Json;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Tests.Trace;

/// <summary>
/// Adds up what placements use, node by node, from the records of a ledger alone: its own sums against its own list of
/// what nodes have, sharing nothing with the engine that decided.
/// </summary>
internal sealed class LedgerFold(IReadOnlyDictionary<NodeId, LedgerFold.Size> sizes)
{
    private readonly Dictionary<NodeId, Use> uses = [];
    private readonly Dictionary<DecisionId, PlacementDecided> live = [];

    /// <summary>What a node has.</summary>
    public sealed record Size(long CpuMilli, long MemoryMib, int Gpus);

    /// <summary>Places where more was given than there is, as sentences.</summary>
    public List<string> Overcommitted { get; } = [];

    /// <summary>Every decision in the order of the ledger.</summary>
    public List<PlacementDecided> Decisions { get; } = [];

    public void Add(LedgerRecord record)
    {
        IEnumerable<DecisionId> over = record.Event switch
        {
            PlacementReleased released => [released.Id],
            PlacementDecided { Decision: Placed preempting } => preempting.Preempted,
            _ => [],
        };
        foreach (var id in over)
        {
            if (!live.Remove(id, out var ended)) continue;
            foreach (var unit in ((Placed)ended.Decision).Units) Count(unit, ended.Request.Unit, -1);
        }

        if (record.Event is not PlacementDecided decided) return;
        Decisions.Add(decided);
        if (decided.Decision is not Placed placed) return;
        live.Add(decided.Id, decided);
        foreach (var unit in placed.Units) Take(record.Position, unit, decided.Request.Unit);
    }

    /// <summary>Reads the ledger of a server page by page, as lines of an export.</summary>
    public static async Task<List<string>> ExportAsync(HttpClient http)
    {
        var lines = new List<string>();
        string? token = null;
        do
        {
            var page = await http.GetStringAsync(
                new Uri($"/v1/ledger?page_size=500{(token is null ? "" : $"&page_token={token}")}", UriKind.Relative));
            using var document = JsonDocument.Parse(page);
            lines.AddRange(document.RootElement.GetProperty("records").EnumerateArray().Select(Line));
            token = document.RootElement.TryGetProperty("nextPageToken", out var next) ? next.GetString() : null;
        }
        while (token is not null);
        return lines;
    }

    /// <summary>A record as the export writes it: the same fields in the same order, escaped its way.</summary>
    private static string Line(JsonElement record) => JsonSerializer.Serialize(
        record.EnumerateObject().ToDictionary(field => field.Name, field => field.Value));

    private void Take(long position, UnitBinding unit, UnitNeed need)
    {
        var (size, use) = (sizes[unit.Node], Count(unit, need, 1));
        if (use.CpuMilli > size.CpuMilli || use.MemoryMib > size.MemoryMib || use.GpuMilli.Any(milli => milli > 1000)
            || size.Gpus < 64 && unit.Devices >> size.Gpus != 0)
        {
            Overcommitted.Add($"{unit.Node} at position {position}");
        }
    }

    private Use Count(UnitBinding unit, UnitNeed need, int sign)
    {
        if (!uses.TryGetValue(unit.Node, out var use))
            uses.Add(unit.Node, use = new Use(new int[sizes[unit.Node].Gpus]));
        use.CpuMilli += sign * need.CpuMilli;
        use.MemoryMib += sign * need.MemoryMib;
        for (var gpu = 0; gpu < use.GpuMilli.Length; gpu++)
        {
            if ((unit.Devices >> gpu & 1) != 0)
                use.GpuMilli[gpu] += sign * (need.AcceleratorShareMilli > 0 ? need.AcceleratorShareMilli : 1000);
        }

        return use;
    }

    private sealed class Use(int[] gpuMilli)
    {
        public long CpuMilli { get; set; }
        public long MemoryMib { get; set; }
        public int[] GpuMilli => gpuMilli;
    }
}
