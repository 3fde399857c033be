using System.Diagnostics;
using System.Globalization;
using ControlPlane.SiteAgent.Tests;
using static System.FormattableString;
using Xunit.Abstractions;

namespace ControlPlane.Server.Tests.Chaos.Sites;

/// <summary>
/// Breaks real processes, kind by kind, while exclusive and sticky work runs at six sites and clients place and
/// release. One round each time; <c>./bench faults</c> takes more: CPLANE_FAULT_ROUNDS says how many, CPLANE_FAULT_SEED
/// repeats a run's choices, and CPLANE_FAULT_PAGE names a file that the results are added to.
/// </summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    /// <summary>Writes acknowledged while a fault lasts and until it is over; with less a run says nothing.</summary>
    private const int LeastAcknowledged = 20;

    /// <summary>Kinds that a round has to have broken; with fewer it says nothing.</summary>
    private const int LeastKinds = 8;

    private readonly int seed = Setting("CPLANE_FAULT_SEED") ?? Random.Shared.Next();
    private readonly int rounds = Setting("CPLANE_FAULT_ROUNDS") ?? 1;
    private readonly HashSet<string> kinds = [];
    private readonly List<string> lines = [];

    [RootFact]
    public async Task Nothing_is_run_twice_lost_or_unlawful_whatever_breaks()
    {
        Say($"seed {seed}, {rounds} rounds, each kind needs {LeastAcknowledged} acknowledged writes");
        var (random, watch) = (new Random(seed), Stopwatch.StartNew());
        await using var rig = await FaultRig.StartAsync(seed);
        Say(Invariant($"server, database and agents were there after {watch.Elapsed.TotalSeconds:0} s"));
        rig.Send();
        try
        {
            for (var round = 1; round <= rounds; round++) await RoundAsync(rig, random);
            Assert.True(kinds.Count >= LeastKinds, $"only {kinds.Count} kinds of faults: the run is invalid");
            Say(Invariant($"the rounds were over after {watch.Elapsed.TotalSeconds:0} s"));
            await rig.StopSendingAsync();
            Say(await FaultAudit.AssertSoundAsync(rig));
            Say(Invariant($"all was settled and looked at after {watch.Elapsed.TotalSeconds:0} s"));
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException(
                $"seed {seed}: {failure.Message}\n{string.Join('\n', lines)}\n{rig.Logs}", failure);
        }

        if (Environment.GetEnvironmentVariable("CPLANE_FAULT_PAGE") is { Length: > 0 } page)
            await File.AppendAllLinesAsync(page, lines);
    }

    /// <summary>
    /// Every kind once: what breaks one site only goes on beside the same at others, and what breaks the server, for
    /// all of them, one after the other.
    /// </summary>
    private async Task RoundAsync(FaultRig rig, Random random)
    {
        List<(string Kind, Func<FaultRig, Task<FaultSeen>> Break)> atServer =
        [
            ("kill -9 of the server", FaultKinds.KillServerAsync),
            ("kill -9 of PostgreSQL", FaultKinds.KillPostgresAsync),
            ("the disk is full", FaultKinds.FillDiskAsync),
            ("SIGSTOP of the server past its lease", FaultKinds.SuspendServerAsync),
        ];
        if (Parts.Slurm is not null) atServer.Add(("the clock jumps", FaultKinds.JumpClockAsync));
        else Say("| the clock jumps | NOT RUN: needs libfaketime, which tests/parts/slurm.sh fetches |");
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(atServer));
        await Task.WhenAll(
            OneAsync(rig, "answers are lost", FaultKinds.LoseRepliesAsync),
            OneAsync(rig, "a site flaps", FaultKinds.FlapAsync),
            OneAsync(rig, "a site is cut off both ways", FaultKinds.CutBothWaysAsync),
            OneAsync(rig, "a site is cut off one way", FaultKinds.CutOneWayAsync));
        foreach (var (kind, breaks) in atServer) await OneAsync(rig, kind, breaks);
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
            kinds.Add(kind);
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
