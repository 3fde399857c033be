using System.Globalization;

namespace ControlPlane.Traces;

/// <summary>A node of the trace. CPU in thousandths of a core, memory in MiB.</summary>
/// <param name="Rank">Place in the order that ties are broken by; the row number where the file gives none.</param>
internal sealed record TraceNode(int Rank, string Name, int CpuMilli, int MemoryMib, int Gpus, string Model);

/// <summary>
/// A pod of the trace. <see cref="Gpus"/> of 1 with fewer than 1,000 thousandths is a share of one single GPU; all
/// others are whole GPUs of one node.
/// </summary>
/// <param name="Models">Accepted models, joined by <c>|</c>; empty when any will do.</param>
internal sealed record TracePod(string Name, int CpuMilli, int MemoryMib, int Gpus, int GpuMilli, string Models)
{
    /// <summary>Thousandths of GPUs it needs in all.</summary>
    public int TotalMilli => Gpus * GpuMilli;

    public bool IsShare => Gpus == 1 && GpuMilli < 1000;
}

/// <summary>Reads the CSV files of the public GPU trace openb, as published or as an order of one seed.</summary>
internal static class TraceRows
{
    public static List<TraceNode> Nodes(string file)
    {
        var (columns, rows) = Read(file, "sn", "cpu_milli", "memory_mib", "gpu", "model");
        var rank = columns.GetValueOrDefault("rank", -1);
        return
        [
            .. rows.Select((row, index) => new TraceNode(
                rank < 0 ? index : Number(row[rank]), row[columns["sn"]], Number(row[columns["cpu_milli"]]),
                Number(row[columns["memory_mib"]]), Number(row[columns["gpu"]]), row[columns["model"]])),
        ];
    }

    public static List<TracePod> Pods(string file)
    {
        var (columns, rows) = Read(file, "name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli", "gpu_spec");
        return
        [
            .. rows.Select(row => new TracePod(
                row[columns["name"]], Number(row[columns["cpu_milli"]]), Number(row[columns["memory_mib"]]),
                Number(row[columns["num_gpu"]]), Number(row[columns["gpu_milli"]]), row[columns["gpu_spec"]])),
        ];
    }

    private static (Dictionary<string, int> Columns, List<string[]> Rows) Read(string file, params string[] needed)
    {
        using var lines = File.ReadLines(file).GetEnumerator();
        if (!lines.MoveNext()) throw new InvalidDataException($"{file}: is empty");
        var columns = lines.Current.Split(',').Select((name, at) => (name, at))
            .ToDictionary(item => item.name, item => item.at, StringComparer.Ordinal);
        var missing = needed.Where(name => !columns.ContainsKey(name)).ToList();
        if (missing.Count > 0) throw new InvalidDataException($"{file}: has no column {string.Join(", ", missing)}");
        var rows = new List<string[]>();
        while (lines.MoveNext())
        {
            if (lines.Current.Length == 0) continue;
            var row = lines.Current.Split(',');
            if (row.Length != columns.Count)
            {
                throw new InvalidDataException(
                    $"{file}:{rows.Count + 2}: has {row.Length} fields, the header {columns.Count}");
            }

            rows.Add(row);
        }

        return (columns, rows);
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
