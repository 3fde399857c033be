using System.Text;
using System.Text.Unicode;

namespace ControlPlane.Bench.Http;

/// <summary>Writes the requests of a load by number, at little cost beside the server that reads them.</summary>
internal static class LoadBodies
{
    private const int MostBytesEach = 400;

    private static readonly string[] Residencies = ["\"DE\"", "\"FR\"", "\"EU\"", "\"IN\"", "\"US\"", "\"EU\",\"GB\""];

    /// <summary>A POST of one placement.</summary>
    public static byte[] Single(string name, long number)
    {
        Span<byte> body = stackalloc byte[MostBytesEach];
        return LoadConnection.Post("/v1/placements", $"{name}-{number}", body[..Write(body, number)]);
    }

    /// <summary>A POST of many placements.</summary>
    public static byte[] Batch(string name, long number, int placements)
    {
        var body = new byte[placements * MostBytesEach];
        var length = Encoding.UTF8.GetBytes("{\"requests\":[", body);
        for (var at = 0; at < placements; at++)
        {
            if (at > 0) body[length++] = (byte)',';
            length += Write(body.AsSpan(length), (number * placements) + at);
        }

        length += Encoding.UTF8.GetBytes("]}", body.AsSpan(length));
        return LoadConnection.Post("/v1/placements:batch", $"{name}-{number}", body.AsSpan(0, length));
    }

    private static int Write(Span<byte> body, long number)
    {
        var residency = Residencies[number % Residencies.Length];
        var fits = Utf8.TryWrite(body, $$"""
            {"tenant":"t{{number % 20}}","workload":"w{{number}}","kind":"service","dataClass":"public","residency":[{{residency}}],"accelerators":{"shareMilli":10,"minMemoryGib":40},"cpuMilli":10,"memoryMib":12}
            """, out var length);
        return fits ? length : throw new InvalidOperationException("a request is longer than was thought");
    }
}
