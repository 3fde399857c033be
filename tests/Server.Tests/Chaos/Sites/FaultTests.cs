using System.Diagnostics;
using System.Globalization;
using ControlPlane.SiteAgent.Tests;
using Xunit.Abstractions;

namespace ControlPlane.Server.Tests.Chaos.Sites;

/// <summary>
/// Breaks real processes, kind by kind, while exclusive and sticky work runs at four sites and clients place and
/// release. A long run, by <c>./bench faults</c>: CPLANE_FAULT_ROUNDS says how long, CPLANE_FAULT_SEED repeats a run's
/// choices, and CPLANE_FAULT_PAGE names a file that the results are added to.
/// </summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    /// <summary>Writes acknowledged while a fault lasts and until it is over; with less a run says nothing.</summary>
    private const int LeastAcknowledged = 20;

    private readonly int seed = Setting("CPLANE_FAULT_SEED") ?? Random.Shared.Next();
    private readonly int rounds = Setting(FaultFactAttribute.Rounds) ?? 1;
    private readonly List<string> lines = [];

    [FaultFact]
    public async Task Nothing_is_run_twice_lost_or_unlawful_whatever_breaks()
    {
        Say($"seed {seed}, {rounds} rounds, each kind needs {LeastAcknowledged} acknowledged writes");
        var random = new Random(seed);
        await using var rig = await FaultRig.StartAsync(seed);
        rig.Send();
        try
        {
            for (var round = 1; round <= rounds; round++) await RoundAsync(rig, random);
            await rig.StopSendingAsync();
            Say(await FaultAudit.AssertSoundAsync(rig));
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException(
                $"seed {seed}: {failure.Message}\n{string.Join('\n', lines)}\n{rig.Logs}", failure);
        }

        if (Environment.GetEnvironmentVariable("CPLANE_FAULT_PAGE") is { Length: > 0 } page)
            await File.AppendAllLinesAsync(page, lines);
    }

    /// <summary>Every kind once: what breaks one site only goes on beside what breaks the server.</summary>
    private async Task RoundAsync(FaultRig rig, Random random)
    {
        List<(string Kind, Func<FaultRig, Task<FaultSeen>> Break)> atServer =
        [
            ("kill -9 of the server", FaultKinds.KillServerAsync),
            ("kill -9 of PostgreSQL", FaultKinds.KillPostgresAsync),
            ("the disk is full", FaultKinds.FillDiskAsync),
        ];
        if (Parts.Slurm is not null) atServer.Add(("the clock jumps", FaultKinds.JumpClockAsync));
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(atServer));
        await Task.WhenAll(
            OneAsync(rig, "answers are lost", FaultKinds.LoseRepliesAsync),
            OneAsync(rig, "a site flaps", FaultKinds.FlapAsync));
        foreach (var (kind, breaks) in atServer) await OneAsync(rig, kind, breaks);
        await OneAsync(rig, "SIGSTOP of the server past its lease", FaultKinds.SuspendServerAsync);
        await Task.WhenAll(
            OneAsync(rig, "a site is cut off both ways", FaultKinds.CutBothWaysAsync),
            OneAsync(rig, "a site is cut off one way", FaultKinds.CutOneWayAsync));
    }

    private async Task OneAsync(FaultRig rig, string kind, Func<FaultRig, Task<FaultSeen>> breaks)
    {
        var (before, watch) = (rig.Acknowledged, Stopwatch.StartNew());
        FaultSeen seen;
        try
        {
            seen = await breaks(rig);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"{kind}: {failure.Message}", failure);
        }

        while (rig.Acknowledged - before < LeastAcknowledged && watch.Elapsed < TimeSpan.FromMinutes(2))
        {
            await rig.AssertSendingAsync();
            await Task.Delay(50);
        }

        var acknowledged = rig.Acknowledged - before;
        lock (lines)
        {
            Say(string.Create(CultureInfo.InvariantCulture,
                $"| {kind} | {seen.Held} | {seen.Recovered.TotalSeconds:0.0} s | {seen.Bound.TotalSeconds:0} s "
                + $"| {acknowledged} | {watch.Elapsed.TotalSeconds:0} s |"));
        }

        Assert.True(acknowledged >= LeastAcknowledged, $"{kind}: only {acknowledged} writes: the run is invalid");
        Assert.True(
            seen.Recovered <= seen.Bound, $"{kind}: over after {seen.Recovered}, at most {seen.Bound} is right");
    }

    private void Say(string line)
    {
        lines.Add(line);
        output.WriteLine(line);
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
}
