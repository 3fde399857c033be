using System.Net;

namespace ControlPlane.Server.Tests.Chaos;

/// <summary>
/// Places and releases, one request after the other, and remembers what was acknowledged. It holds on to at most a few
/// placements, so that many of them together nearly fill the small fleet and some are refused.
/// </summary>
internal sealed class TrafficClient(string name, int seed)
{
    private const int MostHeld = 12;
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(10);

    private readonly Random random = new(seed);
    private int settledUpTo;
    private int acknowledged;

    /// <summary>Everything that was asked for, oldest first.</summary>
    public List<Sent> All { get; } = [];

    /// <summary>Writes that were acknowledged so far.</summary>
    public int Acknowledged => Volatile.Read(ref acknowledged);

    /// <summary>Placements that must exist.</summary>
    public IEnumerable<Sent> Live => All.Where(sent => sent.Placement is not null && !sent.Released);

    /// <summary>Sends until told to stop; the request that is under way then is finished.</summary>
    public async Task RunAsync(Func<HttpClient> server, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (!await StepAsync(server())) await Task.Delay(PauseAfterFailure, CancellationToken.None);
        }
    }

    /// <summary>
    /// Sends again, with the same key, whatever was sent since the last time and a few of what was sent before: what
    /// was acknowledged must be answered with the same bytes, and what was not is acknowledged now.
    /// </summary>
    public async Task SettleAsync(HttpClient server)
    {
        const int OlderOnes = 3;
        var older = Enumerable.Range(0, Math.Min(OlderOnes, settledUpTo)).Select(_ => All[random.Next(settledUpTo)]);
        foreach (var sent in older.Concat(All.Skip(settledUpTo)).ToList()) await RepeatAsync(sent, server);
        settledUpTo = All.Count;
        foreach (var sent in All.Where(sent => sent is { ReleaseSent: true, Released: false }))
            await ReleaseAgainAsync(sent, server);
    }

    /// <summary>Sends everything again.</summary>
    public async Task RepeatAllAsync(HttpClient server)
    {
        foreach (var sent in All) await RepeatAsync(sent, server);
    }

    private async Task<bool> StepAsync(HttpClient server)
    {
        var live = Live.Where(sent => !sent.ReleaseSent).ToList();
        if (live.Count > 0 && random.Next(MostHeld) < live.Count)
        {
            var status = await live[random.Next(live.Count)].ReleaseAsync(server);
            Assert.True(status is null or HttpStatusCode.NoContent, $"a release was answered {status}");
            if (status is not null) Interlocked.Increment(ref acknowledged);
            return status is not null;
        }

        var sent = Next();
        All.Add(sent);
        if (await sent.SendAsync(server) is not { } reply) return false;
        Assert.True(reply.Status is HttpStatusCode.Created or HttpStatusCode.OK, $"{sent.Key}: {reply}");
        sent.Settle(reply);
        Interlocked.Increment(ref acknowledged);
        return true;
    }

    private Sent Next()
    {
        var workload = $"{name}-{All.Count}";
        // One in ten asks for a country where nothing stands, so that refusals are acknowledged too.
        var country = random.Next(10) switch { 0 => "GB", < 5 => "DE", < 8 => "FR", _ => "US" };
        var accelerators = random.Next(3) == 0 ? "" : $$"""
            "accelerators": { "count": {{random.Next(1, 5)}} },
            """;
        return new Sent($"key-{workload}", workload, $$"""
            {
              "tenant": "tenant-{{random.Next(3)}}", "workload": "{{workload}}", "kind": "service", "dataClass": "public",
              "residency": ["{{country}}"], "units": {{random.Next(1, 3)}}, {{accelerators}}
              "cpuMilli": {{random.Next(1, 8) * 1000}}, "memoryMib": {{random.Next(1, 16) * 1024}}
            }
            """);
    }

    private static async Task RepeatAsync(Sent sent, HttpClient server)
    {
        var reply = await UntilSettledAsync(() => sent.SendAsync(server), sent.Key);
        if (sent.Answer is null) sent.Settle(reply);
        else Assert.Equal(sent.Answer, reply);
    }

    /// <summary>The first release may have taken, or this one takes; either way the placement is gone now.</summary>
    private static async Task ReleaseAgainAsync(Sent sent, HttpClient server)
    {
        var status = await UntilSettledAsync(
            async () => (object?)await sent.ReleaseAsync(server), $"release of {sent.Key}");
        Assert.True(status is HttpStatusCode.NoContent or HttpStatusCode.NotFound, $"release of {sent.Key}: {status}");
        sent.Released = true;
    }

    private static async Task<T> UntilSettledAsync<T>(Func<Task<T?>> ask, string what) where T : class
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (true)
        {
            if (await ask() is { } settled) return settled;
            Assert.True(DateTime.UtcNow < deadline, $"not settled within 60 s: {what}");
            await Task.Delay(50);
        }
    }
}
