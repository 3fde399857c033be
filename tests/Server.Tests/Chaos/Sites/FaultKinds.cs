using System.Diagnostics;
using System.Net;
using System.Text;
using ControlPlane.Server.Ledger;
using ControlPlane.SiteAgent.Tests.Failover.Faults;

namespace ControlPlane.Server.Tests.Chaos.Sites;

/// <summary>What a fault did, and how long it took until it was over.</summary>
/// <param name="Held">What shows that the fault took hold.</param>
/// <param name="Recovered">From the end of the fault until what it hindered worked again.</param>
/// <param name="Bound">What that may take at most.</param>
internal sealed record FaultSeen(string Held, TimeSpan Recovered, TimeSpan Bound);

/// <summary>The kinds of faults; each returns only once it is seen to have taken hold, and to be over.</summary>
internal static class FaultKinds
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>How long a site may be silent before it is lost, with what a busy machine adds.</summary>
    private static readonly TimeSpan LossBound = TimeSpan.FromSeconds(40);

    public static async Task<FaultSeen> KillServerAsync(FaultRig rig)
    {
        await rig.Server.KillAsync();
        rig.Retire(rig.Server);
        var over = Stopwatch.StartNew();
        await rig.StartServerAsync();
        await WritesAsync(rig);
        return new("the process was gone", over.Elapsed, TimeSpan.FromSeconds(60));
    }

    public static async Task<FaultSeen> KillPostgresAsync(FaultRig rig)
    {
        var before = rig.PostgresId;
        Signal.Kill(before);
        var over = Stopwatch.StartNew();
        await UntilAsync(() => File.Exists($"/proc/{before}/stat") ? Task.FromResult(false) : Task.FromResult(true));
        await WritesAsync(rig);
        return new($"PostgreSQL is process {rig.PostgresId} after {before}", over.Elapsed, TimeSpan.FromSeconds(30));
    }

    /// <summary>The server that writes and judges sites is stopped past its lease while another takes over.</summary>
    public static async Task<FaultSeen> SuspendServerAsync(FaultRig rig)
    {
        var second = await rig.StartSecondAsync();
        rig.Retire(second);
        rig.Serve(second);
        var before = rig.Acknowledged;
        TimeSpan taken;
        Signal.Suspend(rig.Server.Id);
        try
        {
            await Task.Delay(WriterLease.Length + FaultRig.Lease);
            var over = Stopwatch.StartNew();
            await WritesAsync(rig);
            taken = over.Elapsed;
        }
        finally
        {
            Signal.Resume(rig.Server.Id);
        }

        var written = rig.Acknowledged - before;
        // It wakes with what it had decided, and finds that others went on.
        await Task.Delay(TimeSpan.FromSeconds(2));
        rig.Serve(rig.Server);
        await WritesAsync(rig);
        await second.StopAsync();
        return new($"{written} writes through the other server while it stood", taken, TimeSpan.FromSeconds(30));
    }

    public static Task<FaultSeen> CutBothWaysAsync(FaultRig rig) => CutAsync(
        rig, "de-one", network => network.CutBothWays(), network => network.HealBothWays());

    public static Task<FaultSeen> CutOneWayAsync(FaultRig rig) => CutAsync(
        rig, "fr-two", network => network.CutAnswers(), network => network.HealAnswers());

    public static async Task<FaultSeen> LoseRepliesAsync(FaultRig rig)
    {
        var way = rig.WayOf("de-two");
        way.LosesOneIn = 3;
        await UntilAsync(() => Task.FromResult(way.Lost >= 5));
        await Task.Delay(FaultRig.Lease);
        way.LosesOneIn = 0;
        var (over, answers) = (Stopwatch.StartNew(), way.Answers);
        await UntilAsync(() => Task.FromResult(way.Answers > answers + 3));
        return new($"{way.Lost} of {way.Answers} answers were lost", over.Elapsed, TimeSpan.FromSeconds(20));
    }

    /// <summary>A site that is dead, well and dead again, eight seconds each, and healed while it is dead.</summary>
    public static async Task<FaultSeen> FlapAsync(FaultRig rig)
    {
        await UntilAsync(async () => await rig.HealthAsync("fr-one") == "healthy");
        var turns = TurnsAsync(rig, rig.AgentOf("fr-one"));
        var doubted = 0;
        while (!turns.IsCompleted)
        {
            if (await rig.HealthAsync("fr-one") is "suspect" or "lost" or "recovering") doubted++;
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }

        await turns;
        Assert.True(doubted > 0, "nobody noticed that the site flapped: the run is invalid");
        var over = Stopwatch.StartNew();
        await UntilAsync(async () => await rig.HealthAsync("fr-one") == "healthy");
        return new($"doubted at {doubted} looks", over.Elapsed, LossBound);
    }

    private static async Task TurnsAsync(FaultRig rig, AgentProcess agent)
    {
        var (turn, sure) = (TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(4));
        var fault = Path.Combine(agent.Faults, agent.Site.Value);
        var since = Stopwatch.StartNew();
        await File.WriteAllTextAsync(fault, "flapping");
        // The site takes the word up within half a second; in the middle of a dead turn all of its work is dead.
        await Task.Delay(sure);
        rig.Died(agent.Site);
        await Task.Delay(turn * 2);
        rig.Died(agent.Site);
        File.Delete(fault);
        Assert.True(since.Elapsed < turn * 3 - TimeSpan.FromSeconds(1), "it was healed too late: the run is invalid");
    }

    /// <summary>The wall clock of the server and its database jumps ten minutes ahead, and back.</summary>
    public static async Task<FaultSeen> JumpClockAsync(FaultRig rig)
    {
        var before = await SkewAsync(rig);
        await File.WriteAllTextAsync(rig.Clock, "+600");
        await Task.Delay(FaultRig.Lease);
        var ahead = await SkewAsync(rig);
        await File.WriteAllTextAsync(rig.Clock, "+0");
        var over = Stopwatch.StartNew();
        Assert.True(
            (ahead - before).TotalSeconds is > 500 and < 700, $"the clock jumped {ahead - before}: the run is invalid");
        await WritesAsync(rig);
        return new($"the server's clock jumped {(ahead - before).TotalSeconds:0} s and back", over.Elapsed,
            TimeSpan.FromSeconds(20));
    }

    public static async Task<FaultSeen> FillDiskAsync(FaultRig rig)
    {
        var ballast = Path.Combine(rig.Disk, "ballast");
        var refused = 0;
        await using (var file = new FileStream(
            ballast, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            // Whatever becomes free meanwhile is taken, too, until a write is refused for want of room.
            await UntilAsync(async () =>
            {
                Fill(file, rig.Disk);
                if (await IsDiskFullAsync(rig)) refused++;
                return refused >= 3;
            });
        }

        File.Delete(ballast);
        var over = Stopwatch.StartNew();
        await WritesAsync(rig);
        return new($"{refused} probes were refused while nothing was free", over.Elapsed, TimeSpan.FromSeconds(45));
    }

    private static async Task<FaultSeen> CutAsync(
        FaultRig rig, string region, Action<Network> cut, Action<Network> heal)
    {
        await UntilAsync(async () => await rig.HealthAsync(region) == "healthy");
        var network = rig.NetworkOf(region);
        var isCut = DateTime.UtcNow;
        cut(network);
        var watch = Stopwatch.StartNew();
        await UntilAsync(async () => await rig.HealthAsync(region) == "lost");
        var lost = watch.Elapsed;
        Assert.True(lost < LossBound, $"{region} was lost only after {lost}");
        // What is exclusive there has stopped by then; its agent says so itself.
        var said = rig.AgentOf(region).HasSaid(" stopped ", isCut) ? "its agent stopped its work"
            : "it ran nothing exclusive";
        await Task.Delay(FaultRig.Lease);
        heal(network);
        var over = Stopwatch.StartNew();
        // A site that is lost again and again is trusted ever later.
        var bound = LossBound + FaultRig.Terms.HoldDownAfter(rig.Lost(region));
        await UntilAsync(async () => await rig.HealthAsync(region) == "healthy", bound + Patience);
        return new($"lost after {lost.TotalSeconds:0.0} s, {said}", over.Elapsed, bound);
    }

    private static void Fill(FileStream file, string disk)
    {
        var free = new DriveInfo(disk).AvailableFreeSpace;
        try
        {
            for (; free > 0; free -= 4096) file.Write(new byte[Math.Min(free, 4096)]);
        }
        catch (IOException)
        {
            // It is full, which is what is wanted.
        }
    }

    private static async Task<bool> IsDiskFullAsync(FaultRig rig)
    {
        // Small records find room in pages that are there; a big one takes new ones.
        var labels = string.Join(',', Enumerable.Range(0, 60).Select(at => $"\"l{at}\":\"{Guid.NewGuid():n}\""));
        using var body = new StringContent(
            $$"""
            {"tenant":"probe","workload":"probe","kind":"service","dataClass":"public","residency":["GB"],"units":1,
             "cpuMilli":100,"memoryMib":64,"labels":{ {{labels}} } }
            """,
            Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/placements") { Content = body };
        request.Headers.Add("Idempotency-Key", $"probe-{Guid.NewGuid():n}");
        try
        {
            using var answer = await rig.Serving.Http.SendAsync(request);
            // Where the log cannot grow PostgreSQL itself ends, and the server says that there is no database.
            return answer.StatusCode == HttpStatusCode.ServiceUnavailable
                && new DriveInfo(rig.Disk).AvailableFreeSpace == 0;
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private static async Task<TimeSpan> SkewAsync(FaultRig rig)
    {
        var skew = TimeSpan.Zero;
        await UntilAsync(async () =>
        {
            try
            {
                using var answer = await rig.Serving.Http.GetAsync(new Uri("/livez", UriKind.Relative));
                skew = answer.Headers.Date!.Value - DateTimeOffset.UtcNow; // every answer has one
                return true;
            }
            catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        });
        return skew;
    }

    /// <summary>Waits until something that was sent after now is acknowledged.</summary>
    private static async Task WritesAsync(FaultRig rig)
    {
        var before = rig.Acknowledged;
        await UntilAsync(async () =>
        {
            await rig.AssertSendingAsync();
            return rig.Acknowledged > before + rig.Traffic.Count;
        });
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan? within = null)
    {
        var (watch, patience) = (Stopwatch.StartNew(), within ?? Patience);
        while (!await condition())
        {
            Assert.True(watch.Elapsed < patience, $"not within {patience.TotalSeconds:0} s");
            await Task.Delay(50);
        }
    }
}
