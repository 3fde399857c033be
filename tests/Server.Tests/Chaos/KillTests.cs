using System.Diagnostics;
using System.Globalization;
using System.Net;
using ControlPlane.Server.Tests.Hosting;
using ControlPlane.Server.Tests.Trace;
using Xunit.Abstractions;

namespace ControlPlane.Server.Tests.Chaos;

/// <summary>
/// Kills the server, its PostgreSQL or both with SIGKILL at random moments under load. CPLANE_CHAOS_SEED repeats a
/// run's choices (the moments still fall where the machine puts them), CPLANE_CHAOS_ROUNDS makes it longer.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const int Clients = 8;

    /// <summary>Writes acknowledged in a round before the kill may fall; a round with less says nothing.</summary>
    private const int LeastAcknowledged = 10;

    private readonly TestDirectory directory = new();
    private readonly int rounds = Setting("CPLANE_CHAOS_ROUNDS") ?? 50;
    private readonly int seed = Setting("CPLANE_CHAOS_SEED") ?? Random.Shared.Next();
    private IReadOnlyList<string> arguments = [];
    private ServerProcess? server;

    private ServerProcess Server => server ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        arguments = ["--data", directory.In("data"), "--log-level", "error", .. DeclaredTree.WriteTo(directory.Path)];
        server = await ServerProcess.StartAsync(arguments);
    }

    public async Task DisposeAsync()
    {
        if (server is not null) await server.DisposeAsync();
    }

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task What_was_acknowledged_survives_kills_of_the_server_and_of_PostgreSQL_under_load()
    {
        output.WriteLine($"CPLANE_CHAOS_SEED={seed}");
        var random = new Random(seed);
        var clients = Enumerable.Range(0, Clients)
            .Select(index => new TrafficClient($"c{index}", random.Next()))
            .ToList();
        var clock = Stopwatch.StartNew();
        for (var round = 1; round <= rounds; round++)
        {
            try
            {
                await RoundAsync(clients, random);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException(
                    $"round {round} of seed {seed}: {failure.Message}\n{Server.Errors}", failure);
            }
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{rounds} rounds, {clients.Sum(client => client.Acknowledged)} acknowledged writes, "
                + $"{clock.Elapsed.TotalSeconds:f0} s"));
        foreach (var client in clients) await client.RepeatAllAsync(Server.Http);
        var export = await LedgerFold.ExportAsync(Server.Http);
        LedgerAudit.AssertSound(export);
        await AssertClientVerifiesAsync(export);
        Assert.Equal(0, await Server.StopAsync());
        var projections = await ServerProcess.RunAsync([.. arguments, "--projections", "verify"]);
        Assert.Equal((0, ""), projections);
    }

    private async Task RoundAsync(List<TrafficClient> clients, Random random)
    {
        var before = clients.Sum(client => client.Acknowledged);
        using var stop = new CancellationTokenSource();
        var victim = random.Next(5);
        var moment = TimeSpan.FromMilliseconds(random.Next(0, 150));
        var traffic = clients.ConvertAll(client => Task.Run(() => client.RunAsync(() => Server.Http, stop.Token)));
        await UntilAsync(() => Task.FromResult(
            clients.Sum(client => client.Acknowledged) - before >= LeastAcknowledged
                || traffic.Exists(task => task.IsFaulted)));
        await Task.Delay(moment);

        if (victim < 4) KillPostgres(alsoServer: victim == 3);
        if (victim >= 3) await Server.KillAsync();
        // Clients meet the dead server, too.
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 50)));
        await stop.CancelAsync();
        await Task.WhenAll(traffic);

        if (victim >= 3)
        {
            await Server.DisposeAsync();
            server = await ServerProcess.StartAsync(arguments);
        }

        await UntilAsync(IsReadyAsync);
        await Task.WhenAll(clients.Select(client => client.SettleAsync(Server.Http)));
        await LedgerAudit.AssertPlacementsAsync(Server.Http, clients);
    }

    private void KillPostgres(bool alsoServer)
    {
        var file = directory.In("data/postgres/data/postmaster.pid");
        Signal.Kill(int.Parse(File.ReadLines(file).First(), CultureInfo.InvariantCulture));
        if (alsoServer) Assert.False(Server.HasEnded, "the server ended by itself when its PostgreSQL was killed");
    }

    private async Task AssertClientVerifiesAsync(IReadOnlyList<string> export)
    {
        var file = directory.In("ledger.jsonl");
        await File.WriteAllLinesAsync(file, export);

        var verified = await Cplane.RunAsync(
            new Dictionary<string, string>(), "ledger", "verify", "--replay", "--file", file);

        Assert.True(verified.ExitCode == 0, $"{verified}");
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Server.Http.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (!await condition())
        {
            Assert.True(
                DateTime.UtcNow < deadline, "the round did not get going, or the server not ready, within 60 s");
            await Task.Delay(5);
        }
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
}
