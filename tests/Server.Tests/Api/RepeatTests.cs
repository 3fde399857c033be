using ControlPlane.Server.Tests.Placements;
using Npgsql;

namespace ControlPlane.Server.Tests.Api;

/// <summary>Keys, epochs, tenants, rates and a database that fails: what a client that repeats itself meets.</summary>
public sealed class RepeatTests
{
    [Fact]
    public async Task A32_a_key_stands_for_one_request_of_one_tenant()
    {
        await using var server = await StartAsync();
        var first = await server.PostAsync("/v1/placements", BadBodies.Good, "key");
        var head = await server.HeadAsync();

        var again = await server.PostAsync("/v1/placements", BadBodies.Good, "key");
        var other = await server.PostAsync("/v1/placements", BadBodies.With("units", "2"), "key");
        var hold = await server.PostAsync("/v1/holds", BadBodies.With("holdSeconds", "60"), "key");
        var unchanged = await server.HeadAsync();
        var otherTenant = await server.PostAsync("/v1/placements", BadBodies.With("tenant", "\"t2\""), "key");

        Assert.Equal((201, first.Text), (again.Status, again.Text));
        Assert.Equal("422 idempotency-key-reused Idempotency-Key", other.Problem());
        Assert.Matches("whose hash is [0-9a-f]{64}", other.Text);
        Assert.Equal("422 idempotency-key-reused Idempotency-Key", hold.Problem());
        Assert.Equal(head, unchanged);
        Assert.Equal(201, otherTenant.Status);
    }

    [Fact]
    public async Task A33_a_key_in_progress_is_told_to_wait()
    {
        await using var server = await StartAsync();
        // The first request of a process takes long enough to be overtaken by the second.
        await server.PostAsync("/v1/placements:plan", BadBodies.Good, key: "");
        await using var blocker = new NpgsqlConnection(server.Database.ConnectionString);
        await blocker.OpenAsync();
        await using var transaction = await blocker.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("lock table ledger_head in exclusive mode", blocker, transaction))
            await command.ExecuteNonQueryAsync();

        var first = server.PostAsync("/v1/placements", BadBodies.Good, "key");
        await Task.Delay(500);
        var second = await server.PostAsync("/v1/placements", BadBodies.Good, "key");
        await transaction.RollbackAsync();

        Assert.Equal("409 idempotency-in-progress Idempotency-Key", second.Problem());
        Assert.Equal("1", second.Headers["Retry-After"]);
        Assert.Equal(201, (await first).Status);
    }

    [Fact]
    public async Task A35_a_stale_epoch_deletes_nothing_and_A38_another_tenant_sees_nothing()
    {
        await using var server = await StartAsync();
        var placed = await server.PostAsync("/v1/placements", BadBodies.Good);
        var path = $"/v1/placements/{placed.Json["id"]}";
        var head = await server.HeadAsync();

        var stale = await server.SendAsync(Delete(path, "\"7\""));
        var foreign = await server.SendAsync(Delete($"{path}?tenant=t2", "\"1\""));
        var foreignShown = await server.GetAsync($"{path}?tenant=t2");
        var unchanged = await server.HeadAsync();
        var current = await server.SendAsync(Delete(path, "\"1\""));
        var gone = await server.SendAsync(Delete(path, "\"1\""));

        Assert.Equal("412 version-conflict If-Match", stale.Problem());
        Assert.Contains("the epoch is 1", stale.Text, StringComparison.Ordinal);
        Assert.Equal("404 not-found", foreign.Problem());
        Assert.Equal("404 not-found", foreignShown.Problem());
        Assert.Equal(head, unchanged);
        Assert.Equal((204, "404 not-found"), (current.Status, gone.Problem()));
    }

    [Fact]
    public async Task A44_a_deadline_that_passed_does_not_stand_in_the_way_of_the_first_answer()
    {
        await using var server = await StartAsync();
        var soon = DateTime.UtcNow.AddSeconds(3);
        var body = BadBodies.With("deadline", $"\"{soon:yyyy-MM-dd'T'HH:mm:ss'Z'}\"");
        var first = await server.PostAsync("/v1/placements", body, "key");
        await Task.Delay(TimeSpan.FromSeconds(4));

        var again = await server.PostAsync("/v1/placements", body, "key");
        var fresh = await server.PostAsync("/v1/placements", body, "other");

        Assert.Equal((201, first.Text), (again.Status, again.Text));
        Assert.Equal("422 time-past /deadline", fresh.Problem());
    }

    [Fact]
    public async Task A46_a_tenant_that_asks_too_often_waits_and_the_others_do_not()
    {
        await using var server = await StartAsync(tenantRate: 1);
        var full = $$"""{"requests":[{{string.Join(",", Enumerable.Repeat(BadBodies.Good, 999))}}]}""";

        var batch = await server.PostAsync("/v1/placements:batch", full, "full");
        var replies = new List<Reply>();
        for (var index = 0; index < 20; index++)
            replies.Add(await server.PostAsync("/v1/placements:plan", BadBodies.Good, ""));
        var head = await server.HeadAsync();
        var limited = await server.PostAsync("/v1/placements:batch", full, "again");
        var other = await server.PostAsync("/v1/placements:plan", BadBodies.With("tenant", "\"t2\""), "");

        Assert.Equal(200, batch.Status);
        Assert.Equal("429 rate-limited", replies[^1].Problem());
        Assert.Equal("429 rate-limited", limited.Problem());
        Assert.InRange(int.Parse(limited.Headers["Retry-After"]), 900, 1000);
        Assert.Equal(head, await server.HeadAsync());
        Assert.Equal(200, other.Status);
    }

    [Fact]
    public async Task A47_without_its_database_the_server_says_so_and_recovers()
    {
        await using var server = await StartAsync();
        var name = new NpgsqlConnectionStringBuilder(server.Database.ConnectionString).Database;
        await using var outside = await TestDatabaseBeside();

        await outside.ExecuteAsync($"alter database {name} allow_connections false");
        await outside.ExecuteAsync(
            $"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{name}'");
        var placed = await server.PostAsync("/v1/placements", BadBodies.Good, "key");
        var listed = await server.GetAsync("/v1/placements");
        await outside.ExecuteAsync($"alter database {name} allow_connections true");
        var again = placed;
        for (var attempt = 0; attempt < 20 && again.Status == 503; attempt++)
        {
            await Task.Delay(200);
            again = await server.PostAsync("/v1/placements", BadBodies.Good, "key");
        }

        Assert.Equal("503 store-unavailable", placed.Problem());
        Assert.Equal("2", placed.Headers["Retry-After"]);
        Assert.Equal("503 store-unavailable", listed.Problem());
        Assert.Equal(201, again.Status);
    }

    [Fact]
    public async Task A48_a_commit_whose_end_is_not_known_is_told_and_takes_effect_once_at_most()
    {
        await using var server = await StartAsync();
        await server.Database.ExecuteAsync("""
            create function cut() returns trigger language plpgsql as
            'begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); return null; end';
            create constraint trigger cut after insert on ledger_batch deferrable initially deferred
            for each row execute function cut();
            """);

        var unknown = await server.PostAsync("/v1/placements", BadBodies.Good, "key");
        await server.Database.ExecuteAsync("drop trigger cut on ledger_batch");
        var again = await server.PostAsync("/v1/placements", BadBodies.Good, "key");
        var listed = await server.GetAsync("/v1/placements");

        Assert.Equal("503 outcome-unknown", unknown.Problem());
        Assert.Equal("2", unknown.Headers["Retry-After"]);
        Assert.Equal(201, again.Status);
        Assert.Single(listed.Json["placements"]!.AsArray());
    }

    private static async Task<TestServer> StartAsync(int? tenantRate = null)
    {
        var server = tenantRate is { } rate ? new TestServer(rate) : new TestServer();
        await server.InitializeAsync();
        return server;
    }

    private static Task<Database.TestDatabase> TestDatabaseBeside() => Database.TestDatabase.CreateEmptyAsync();

    private static HttpRequestMessage Delete(string path, string epoch)
    {
        var message = new HttpRequestMessage(HttpMethod.Delete, path);
        message.Headers.TryAddWithoutValidation("If-Match", epoch);
        return message;
    }
}
