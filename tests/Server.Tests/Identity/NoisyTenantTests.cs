using System.Diagnostics;
using System.Globalization;
using ControlPlane.Server.Tests.Api;
using ControlPlane.Server.Tests.Placements;
using Xunit.Abstractions;

namespace ControlPlane.Server.Tests.Identity;

/// <summary>One tenant asks at ten times its rate while another goes on as before, in the same run.</summary>
public sealed class NoisyTenantTests(ITestOutputHelper output)
{
    private const int Rate = 100;
    private static readonly TimeSpan slice = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task The_noisy_one_is_told_to_wait_and_the_quiet_one_is_answered_as_before()
    {
        await using var server = new TestServer(tenantRate: Rate);
        await server.InitializeAsync();
        var quiet = BadBodies.With("tenant", "\"quiet\"");
        var noisy = BadBodies.With("tenant", "\"noisy\"");
        await QuietAsync(server, quiet);
        // What it may ask at once is used up, so that from here on its rate is what counts.
        var burst = string.Join(",", Enumerable.Repeat(noisy, 1_000));
        await server.PostAsync("/v1/placements:batch", $$"""{"requests":[{{burst}}]}""");

        var (alone, beside) = (new List<double>(), new List<double>());
        var (asked, limited) = (0, 0);
        for (var turn = 0; turn < 3; turn++)
        {
            alone.AddRange(await QuietAsync(server, quiet));
            using var stop = new CancellationTokenSource();
            var noise = NoiseAsync(server, noisy, stop.Token);
            beside.AddRange(await QuietAsync(server, quiet));
            await stop.CancelAsync();
            var (sent, refused) = await noise;
            (asked, limited) = (asked + sent, limited + refused);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"quiet p99 alone {P99(alone):f1} ms, beside {P99(beside):f1} ms: {P99(beside) / P99(alone):f2} times; "
                + $"p50 {P50(alone):f1} and {P50(beside):f1} ms; noisy {asked} asked, {limited} told to wait"));
        Assert.True(limited > 0, $"{asked} requests of the noisy tenant, none of them limited");
        Assert.True(limited > asked / 2, $"{limited} of {asked} were limited");
    }

    private static async Task<List<double>> QuietAsync(TestServer server, string body)
    {
        var times = new List<double>();
        for (var since = Stopwatch.StartNew(); since.Elapsed < slice;)
        {
            var one = Stopwatch.StartNew();
            var reply = await server.PostAsync("/v1/placements:plan", body, key: "");
            times.Add(one.Elapsed.TotalMilliseconds);
            Assert.Equal(200, reply.Status);
            await Task.Delay(20);
        }

        return times;
    }

    /// <summary>Ten times the rate, as far as the machine gives it.</summary>
    private static async Task<(int Asked, int Limited)> NoiseAsync(
        TestServer server, string body, CancellationToken stop)
    {
        var (asked, limited) = (0, 0);
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(10.0 / (Rate * 10)));
        while (!stop.IsCancellationRequested)
        {
            var replies = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ =>
                server.PostAsync("/v1/placements:plan", body, key: "")));
            asked += replies.Length;
            limited += replies.Count(reply => reply.Status == 429);
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }

        return (asked, limited);
    }

    private static double P99(List<double> times) => times.Order().ElementAt(times.Count * 99 / 100);

    private static double P50(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
