using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace ControlPlane.Bench.Http;

/// <summary>Writes the requests of a load by number, at little cost beside the server that reads them.</summary>
internal static class LoadBodies
{
    private const int MostBytesEach = 400;

    private static readonly string[] Residencies = ["\"DE\"", "\"FR\"", "\"EU\"", "\"IN\"", "\"US\"", "\"EU\",\"GB\""];

    /// <summary>A region of few nodes, and what takes one of them whole.</summary>
    private const string SmallRegion = "ch-azure-zurich";

    /// <summary>A POST of one placement.</summary>
    public static byte[] Single(string name, long number)
    {
        Span<byte> body = stackalloc byte[MostBytesEach];
        return LoadConnection.Post("/v1/placements", $"{name}-{number}", body[..Write(body, number)]);
    }

    /// <summary>A POST that asks where a workload of a tenant would run; nothing fills up by it.</summary>
    public static byte[] Of(string tenant, string name, long number)
    {
        Span<byte> body = stackalloc byte[MostBytesEach];
        return LoadConnection.Post("/v1/placements:plan", $"{name}-{number}", body[..Write(body, number, tenant)]);
    }

    /// <summary>A POST of many placements.</summary>
    public static byte[] Batch(string name, long number, int placements) => Batch(name, number, placements, Write);

    private static byte[] Batch(string name, long number, int placements, Writer write)
    {
        var body = new byte[placements * MostBytesEach];
        var length = Encoding.UTF8.GetBytes("{\"requests\":[", body);
        for (var at = 0; at < placements; at++)
        {
            if (at > 0) body[length++] = (byte)',';
            length += write(body.AsSpan(length), (number * placements) + at);
        }

        length += Encoding.UTF8.GetBytes("]}", body.AsSpan(length));
        return LoadConnection.Post("/v1/placements:batch", $"{name}-{number}", body.AsSpan(0, length));
    }

    /// <summary>A POST that takes a whole node of a small region; refused when there is none left.</summary>
    public static byte[] Whole(string name, long number)
    {
        Span<byte> body = stackalloc byte[MostBytesEach];
        Utf8.TryWrite(body, $$"""
            {"tenant":"filler","workload":"f{{number}}","kind":"service","dataClass":"public","regions":{"allow":["{{SmallRegion}}"]},"accelerators":{"count":1},"cpuMilli":1,"memoryMib":1}
            """, out var length);
        return LoadConnection.Post("/v1/placements", $"{name}-{number}", body[..length]);
    }

    /// <summary>A POST of many placements in the small region, which is full.</summary>
    public static byte[] Refused(string name, long number, int placements) =>
        Batch(name, number, placements, WriteRefused);

    /// <summary>So little each that the shipped fleet has room for millions: what is measured is placing.</summary>
    private static int Write(Span<byte> body, long number) =>
        Write(body, number, string.Create(CultureInfo.InvariantCulture, $"t{number % 20}"));

    private static int Write(Span<byte> body, long number, string tenant)
    {
        var residency = Residencies[number % Residencies.Length];
        var fits = Utf8.TryWrite(body, $$"""
            {"tenant":"{{tenant}}","workload":"w{{number}}","kind":"service","dataClass":"public","residency":[{{residency}}],"accelerators":{"shareMilli":1,"minMemoryGib":40},"cpuMilli":1,"memoryMib":1}
            """, out var length);
        return fits ? length : throw new InvalidOperationException("a request is longer than was thought");
    }

    private static int WriteRefused(Span<byte> body, long number)
    {
        var fits = Utf8.TryWrite(body, $$"""
            {"tenant":"t{{number % 20}}","workload":"w{{number}}","kind":"service","dataClass":"public","regions":{"allow":["{{SmallRegion}}"]},"accelerators":{"shareMilli":1},"cpuMilli":1,"memoryMib":1}
            """, out var length);
        return fits ? length : throw new InvalidOperationException("a request is longer than was thought");
    }

    private delegate int Writer(Span<byte> body, long number);
}
