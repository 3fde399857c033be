using System.Diagnostics;
using System.Globalization;
using ControlPlane.Core.Tests;

namespace ControlPlane.Bench.Http;

/// <summary>
/// Measures what one tenant at ten times its rate does to the others: slices without and with it in turns (A B B A), on
/// one server in one run, so that whatever else the machine does meets both alike.
/// </summary>
internal static class NoisyTable
{
    private const int Rate = 100;
    private const int Times = 10;
    private const int QuietTenants = 6;
    private const int QuietPerSecond = 50;
    private const int QuietConnections = 4;
    private const int NoisyConnections = 8;
    private const double Bound = 1.10;

    public static BenchTable Make(BenchOptions options) => MakeAsync(options).GetAwaiter().GetResult();

    private static async Task<BenchTable> MakeAsync(BenchOptions options)
    {
        var table = new BenchTable("noisy",
            $"One tenant at {Times} times its rate of {Rate} a second, and {QuietTenants} others",
        [
            "slices", "quiet requests", "a second", "p50 ms", "p99 ms", "noisy a second", "told to wait",
            "server CPU us each",
        ]);
        using var place = new ServerPlace("noisy");
        await using var server = await ServerUnderLoad.StartAsync(
            place.Directory, Checkout.Root, more: ["--tenant-rate", $"{Rate}"]);
        var bench = new NoisyRun(server, Path.Combine(place.Directory, "data"));
        var slice = TimeSpan.FromSeconds(options.Seconds ?? (options.Quick ? 1 : 6));
        await bench.WarmUpAsync(TimeSpan.FromSeconds(options.Quick ? 1 : 15));
        var (alone, beside) = (new List<NoisySlice>(), new List<NoisySlice>());
        for (var turn = 0; turn < (options.Quick ? 2 : 10); turn++)
        {
            if (turn % 2 == 0) alone.Add(await bench.SliceAsync(slice, isNoisy: false));
            beside.Add(await bench.SliceAsync(slice, isNoisy: true));
            if (turn % 2 == 1) alone.Add(await bench.SliceAsync(slice, isNoisy: false));
        }

        Add(table, "quiet alone", alone);
        Add(table, "beside the noisy one", beside);
        var ratio = P99(beside) / P99(alone);
        var pairs = alone.Zip(beside, (one, other) => P99([other]) / P99([one])).Order().ToList();
        table.Notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"p99 beside is {ratio:f2} times p99 alone over all slices, {pairs[pairs.Count / 2]:f2} times in the "
            + $"median pair ({pairs[0]:f2} to {pairs[^1]:f2}); the bound is {Bound:f2}"));
        table.Notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"latency counts from when a request was due; load average {Machine.Load():f1} on "
            + $"{Environment.ProcessorCount} cores, which client, server and PostgreSQL share"));
        if (beside.Sum(one => one.Noisy!.Statuses.GetValueOrDefault(429)) == 0) // each of them has noise
            table.Notes.Add("not valid: the noisy tenant never got to its rate, so it was never told to wait");
        if (alone.Concat(beside).SelectMany(one => one.Quiet).Any(
            one => one.Statuses.Keys.Any(status => status is not (200 or 201))))
            table.Wrong.Add("a quiet tenant was refused");
        return table;
    }

    private static void Add(BenchTable table, string what, List<NoisySlice> slices)
    {
        var noisy = slices.Select(one => one.Noisy).OfType<LoadResult>().ToList();
        var asked = noisy.Sum(one => one.Latencies.Length);
        var limited = noisy.Sum(one => one.Statuses.GetValueOrDefault(429));
        var quiet = slices.Sum(one => one.Quiet.Sum(tenant => tenant.Latencies.Length));
        var requests = asked + quiet;
        table.Add(
            what, quiet.ToString(CultureInfo.InvariantCulture),
            Text(slices.Average(one => one.Quiet.Sum(tenant => tenant.PerSecond))),
            Text(Quantile(slices, 0.5)), Text(P99(slices)),
            noisy.Count == 0 ? "" : Text(noisy.Average(one => one.PerSecond)),
            noisy.Count == 0 ? "" : $"{100L * limited / Math.Max(1, asked)} %",
            Text(slices.Sum(one => one.Server.TotalMicroseconds) / Math.Max(1, requests)));
    }

    private static double P99(List<NoisySlice> slices) => Quantile(slices, 0.99);

    /// <summary>Over the requests of all slices together.</summary>
    private static double Quantile(List<NoisySlice> slices, double quantile)
    {
        var all = slices.SelectMany(one => one.Quiet).SelectMany(tenant => tenant.Latencies).Order().ToList();
        return all[(int)Math.Min(all.Count - 1, quantile * all.Count)] * 1000.0 / Stopwatch.Frequency;
    }

    private static string Text(double value) => value.ToString("f1", CultureInfo.InvariantCulture);

    /// <summary>Sends what all tenants ask for to one server.</summary>
    private sealed class NoisyRun(ServerUnderLoad server, string data)
    {
        private readonly List<Uri> quiet =
            [.. Enumerable.Range(0, QuietTenants).Select(number => UrlOf(server, data, $"quiet-{number}"))];

        private readonly Uri noisy = UrlOf(server, data, "noisy");
        private int slices;

        public async Task WarmUpAsync(TimeSpan duration)
        {
            await SliceAsync(duration, isNoisy: true);
            await SliceAsync(duration, isNoisy: false);
        }

        public async Task<NoisySlice> SliceAsync(TimeSpan duration, bool isNoisy)
        {
            var name = $"n{slices++}";
            var before = server.ProcessorTime().Server;
            var noise = isNoisy
                ? HttpLoad.OpenAsync(
                    noisy, NoisyConnections, (duration, Rate * Times),
                    number => LoadBodies.Of("noisy", name, number))
                : null;
            var asked = await Task.WhenAll(quiet.Select((url, tenant) => HttpLoad.OpenAsync(
                url, QuietConnections, (duration, QuietPerSecond),
                number => LoadBodies.Of($"quiet-{tenant}", name, number))));
            var result = noise is null ? null : await noise;
            return new NoisySlice(asked, result, server.ProcessorTime().Server - before);
        }

        private static Uri UrlOf(ServerUnderLoad server, string data, string tenant) =>
            new UriBuilder(server.Url) { UserName = BenchToken.Of(data, tenant) }.Uri;
    }

    private sealed record NoisySlice(LoadResult[] Quiet, LoadResult? Noisy, TimeSpan Server);
}
