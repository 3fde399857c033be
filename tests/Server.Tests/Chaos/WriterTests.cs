using System.Diagnostics;
using System.Globalization;
using System.Net;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Tests.Database;
using ControlPlane.Server.Tests.Hosting;
using ControlPlane.Server.Tests.Ledger;
using static ControlPlane.Server.Tests.Ledger.TestLoop;

namespace ControlPlane.Server.Tests.Chaos;

/// <summary>Two server processes of which one writes by preference.</summary>
public sealed class WriterTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime, IDisposable
{
    private readonly TestDirectory directory = new();
    private ServerProcess? first;
    private ServerProcess? second;

    // The first to start takes the lease, long before the second can.
    private ServerProcess Writer => first ?? throw new InvalidOperationException("not started");

    private ServerProcess Follower => second ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        first = await StartAsync("first");
        await UntilAsync(async () => await HolderAsync() == Writer.Http.BaseAddress);
        second = await StartAsync("second");
    }

    public async Task DisposeAsync()
    {
        if (second is not null) await second.DisposeAsync();
        if (first is not null) await first.DisposeAsync();
    }

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_write_sent_to_the_other_server_is_done_by_the_writer_and_its_key_counts_on_both()
    {
        await UntilForwardedAsync("warm");

        var (byFollower, answer) = await SendAsync(Follower, "through");
        var (byWriter, again) = await SendAsync(Writer, "through");
        var (_, repeated) = await SendAsync(Follower, "through");

        Assert.Equal((Writer.Http.BaseAddress, null), (byFollower, byWriter));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal((answer, answer), (again, repeated));
    }

    [Fact]
    public async Task A_write_that_was_sent_on_once_is_not_sent_on_again()
    {
        await UntilForwardedAsync("warm-again");

        var (by, answer) = await SendAsync(Follower, "once", forwarded: true);

        Assert.Null(by);
        Assert.Equal(HttpStatusCode.Created, answer.Status);
    }

    [Fact]
    public async Task A_refused_body_is_refused_alike_through_the_other_server()
    {
        await UntilForwardedAsync("warm-refused");

        var (_, answer) = await SendAsync(Follower, "bad name!");
        var (_, direct) = await SendAsync(Writer, "bad name!");

        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (answer.Status, direct.Status));
    }

    [Fact]
    public async Task When_the_writer_is_killed_writes_go_on_at_once_and_the_other_takes_over_within_the_lease()
    {
        await UntilForwardedAsync("warm-killed");
        var (_, before) = await SendAsync(Follower, "before");

        await Writer.KillAsync();
        var since = Stopwatch.StartNew();
        var (by, answer) = await SendAsync(Follower, "after");
        var (_, repeated) = await SendAsync(Follower, "before");
        await UntilAsync(async () => await HolderAsync() == Follower.Http.BaseAddress);

        Assert.Null(by);
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(before, repeated);
        // One renewal may be due when it runs out; the rest is for a machine that is busy with other tests.
        Assert.InRange(since.Elapsed, TimeSpan.Zero, WriterLease.Length + TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_server_is_ready_only_when_it_has_taken_in_the_whole_ledger()
    {
        await using var elsewhere = await TestLoop.StartAsync(database, SmallFleet.Files());
        for (var index = 0; index < 20; index++)
        {
            await elsewhere.SubmitAsync(PlaceOf(Request($"ready-{index}", 1), $"ready-{index}"));
            var head = await database.AskAsync<long>("select position from ledger_head");

            var ready = await Follower.Http.GetStringAsync(new Uri("/readyz?verbose", UriKind.Relative));

            var position = ready.Split('\n')
                .Single(line => line.StartsWith("ledger ok, position ", StringComparison.Ordinal));
            Assert.InRange(long.Parse(position.Split(' ')[^1], CultureInfo.InvariantCulture), head, long.MaxValue);
        }

        // A record that nobody can read: whoever has not taken it in is not ready.
        await database.ExecuteAsync("""
            insert into ledger_batch select position + 1, position + 1, now(), sha256('bad'), 'bad' from ledger_head;
            update ledger_head set position = position + 1, hash = sha256('bad')
            """);
        using var behind = await Follower.Http.GetAsync(new Uri("/readyz", UriKind.Relative));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, behind.StatusCode);
        Assert.Contains(
            "has yet to take in 1 records", await behind.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        // So that the servers can stop in order.
        await database.ExecuteAsync("""
            delete from ledger_batch where first_position = (select position from ledger_head);
            update ledger_head set (position, hash) = (select last_position, head_hash from ledger_batch
                order by last_position desc limit 1)
            """);
    }

    private async Task<Uri?> HolderAsync()
    {
        var address = await database.AskAsync<string>(
            "select coalesce(max(address), '') from writer_lease where expires_at > now()");
        return address.Length > 0 ? new Uri(address) : null;
    }

    private Task<ServerProcess> StartAsync(string name) => ServerProcess.StartAsync(
        [
            "--database", database.ConnectionString, "--data", directory.In(name), "--log-level", "error",
            .. DeclaredTree.WriteTo(directory.Path),
        ]);

    /// <summary>Until the follower has seen who writes.</summary>
    private async Task UntilForwardedAsync(string name)
    {
        var tries = 0;
        await UntilAsync(async () => (await SendAsync(Follower, $"{name}-{tries++}")).By == Writer.Http.BaseAddress);
    }

    private static async Task<(Uri? By, Reply Answer)> SendAsync(
        ServerProcess server, string workload, bool forwarded = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/placements")
        {
            Content = new StringContent(
                $$"""
                {
                  "tenant": "writers", "workload": "{{workload}}", "kind": "service", "dataClass": "public",
                  "cpuMilli": 100, "memoryMib": 64
                }
                """,
                System.Text.Encoding.UTF8, "application/json"),
            Headers = { { "Idempotency-Key", workload.Replace(' ', '-') } },
        };
        if (forwarded) request.Headers.Add(WriterForward.ForwardedHeader, "1");
        using var response = await server.Http.SendAsync(request);
        var by = response.Headers.TryGetValues(WriterForward.WriterHeader, out var values)
            ? new Uri(values.Single())
            : null;
        return (by, new Reply(response.StatusCode, await response.Content.ReadAsByteArrayAsync()));
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < deadline, "not within 60 s");
            await Task.Delay(50);
        }
    }
}
