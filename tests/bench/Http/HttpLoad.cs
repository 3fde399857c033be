using System.Diagnostics;

namespace ControlPlane.Bench.Http;

/// <summary>
/// Sends requests over many connections, as fast as they are answered or at a rate that waits for nobody.
/// </summary>
internal static class HttpLoad
{
    /// <summary>Each connection sends its next request when the last is answered.</summary>
    public static Task<LoadResult> ClosedAsync(
        Uri server, int connections, TimeSpan duration, Func<long, byte[]> request) =>
        RunAsync((server, connections), duration, (_, _) => ValueTask.FromResult(0L), request);

    /// <summary>
    /// Requests are due at a fixed rate, whether or not earlier ones are answered; latency counts from the instant a
    /// request was due, so that a stall shows in every request it delays.
    /// </summary>
    public static Task<LoadResult> OpenAsync(
        Uri server, int connections, (TimeSpan Duration, double PerSecond) pace, Func<long, byte[]> request) =>
        RunAsync(
            (server, connections), pace.Duration,
            async (number, started) =>
            {
                var due = started + (long)(number / pace.PerSecond * Stopwatch.Frequency);
                var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                if (wait > TimeSpan.FromMilliseconds(1)) await Task.Delay(wait);
                return due;
            },
            request);

    private static ReadOnlySpan<byte> Refusal => "\"outcome\":\"refused\""u8;

    private static async Task<LoadResult> RunAsync(
        (Uri Server, int Connections) to, TimeSpan duration, Func<long, long, ValueTask<long>> dueAt,
        Func<long, byte[]> request)
    {
        var open = await Task.WhenAll(
            Enumerable.Range(0, to.Connections).Select(_ => LoadConnection.OpenAsync(to.Server)));
        long next = -1;
        long refused = 0;
        var started = Stopwatch.GetTimestamp();
        var end = started + (long)(duration.TotalSeconds * Stopwatch.Frequency);

        async Task<(List<long> Latencies, Dictionary<int, int> Statuses)> SendAsync(LoadConnection connection)
        {
            var latencies = new List<long>();
            var statuses = new Dictionary<int, int>();
            while (Stopwatch.GetTimestamp() < end)
            {
                var number = Interlocked.Increment(ref next);
                var due = await dueAt(number, started);
                if (due >= end) break;
                var bytes = request(number);
                if (due == 0) due = Stopwatch.GetTimestamp();
                var status = await connection.SendAsync(bytes);
                latencies.Add(Stopwatch.GetTimestamp() - due);
                if (connection.Body.Span.Count(Refusal) is var no and > 0) Interlocked.Add(ref refused, no);
                statuses[status] = statuses.GetValueOrDefault(status) + 1;
            }

            return (latencies, statuses);
        }

        var results = await Task.WhenAll(open.Select(connection => Task.Run(() => SendAsync(connection))));
        var elapsed = Stopwatch.GetElapsedTime(started);
        foreach (var connection in open) connection.Dispose();
        var sorted = results.SelectMany(result => result.Latencies).Order().ToArray();
        var statuses = results.SelectMany(result => result.Statuses)
            .GroupBy(pair => pair.Key)
            .OrderBy(group => group.Key)
            .ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value));
        return new LoadResult(sorted, statuses, elapsed) { Refused = refused };
    }
}

/// <summary>
/// What a load gave: latencies in stopwatch ticks, shortest first, and how many answers had which status.
/// </summary>
internal sealed record LoadResult(long[] Latencies, IReadOnlyDictionary<int, int> Statuses, TimeSpan Elapsed)
{
    /// <summary>Placements that were refused.</summary>
    public long Refused { get; init; }

    public double PerSecond => Latencies.Length / Elapsed.TotalSeconds;

    public double Milliseconds(double quantile) => Latencies.Length == 0
        ? 0
        : Latencies[(int)Math.Min(Latencies.Length - 1, quantile * Latencies.Length)] * 1000.0 / Stopwatch.Frequency;
}
