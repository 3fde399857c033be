using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Ledger;
using ControlPlane.Server.Tests.Api;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Tests.Capacity;

public sealed class ReservationTests(TestServer server) : IClassFixture<TestServer>
{
    private const int Installed = 32;

    private static readonly DateTimeOffset start = new(2031, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Sixteen clients at once reserve and give up windows that overlap. The ledger is one order of what happened:
    /// it must
    /// agree with what each client saw and when, and at no position of it may any instant be booked twice.
    /// </summary>
    [Fact]
    public async Task No_instant_is_booked_twice_by_sixteen_clients_at_once()
    {
        var seen = await Task.WhenAll(Enumerable.Range(0, 16).Select(client => Task.Run(() => ActAsync(client))));

        var acts = seen.SelectMany(act => act).ToList();
        var records = (await RecordsAsync()).ConvertAll(record => (record.Position, record.Event));
        Assert.Equal([], ReservationHistory.Faults(acts, records, (new("us-one"), Installed)));
        var granted = acts.Count(act => act.Id is not null);
        Assert.True(granted > 20, $"only {granted} were granted");
        Assert.True(acts.Count > granted, "nothing was refused");

        // What the check is worth: it finds a grant that books an instant twice, one that is lost and one out of turn.
        var whole = records.ConvertAll(record => record);
        var (position, first) = records.First(record => record.Event is ReservationMade
        {
            Reservation: { Region.Value: "us-one", Repeat: ReservationRepeat.Once },
        });
        var twice = ((ReservationMade)first).Reservation with { Id = new(Guid.NewGuid()), Accelerators = Installed };
        whole.Insert(
            records.FindIndex(record => record.Position == position) + 1, (position, new ReservationMade(twice)));
        var act = new ReservationAct(twice.Id.Value, acts[0].Asked, acts[0].Answered);
        Assert.Contains(
            ReservationHistory.Faults([.. acts, act], whole, (new("us-one"), Installed)),
            fault => fault.Contains("are booked at once", StringComparison.Ordinal));
        Assert.Contains(
            ReservationHistory.Faults([.. acts, act], records, (new("us-one"), Installed)),
            fault => fault.Contains("is not in the ledger", StringComparison.Ordinal));
        var late = acts.Last(item => item.Id is not null);
        Assert.Contains(
            ReservationHistory.Faults(
                [.. acts.Where(item => item != late), late with { Answered = DateTime.MinValue.AddYears(1) }], records,
                (new("us-one"), Installed)),
            fault => fault.Contains("stands behind", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_window_of_another_stops_requests_and_what_is_lent_comes_back_in_time()
    {
        var window = DateTimeOffset.UtcNow.AddSeconds(6);
        var made = await PostAsync("v1/reservations", Body(
            ("owner", "drill-reserve"), 24, ("de-one", window, window.AddHours(1)),
                ""","lendable":true,"recallSeconds":1"""));
        var plain = await PlaceAsync("other", "plain", 16, preemptible: false);
        var lent = await PlaceAsync("other", "lent", 16, preemptible: true);

        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal("refused", (string)plain["outcome"]!);
        Assert.Equal("bound", (string)lent["outcome"]!);
        var id = (string)lent["id"]!;
        for (var tries = 0; tries < 60; tries++)
        {
            using var found = await server.Http.GetAsync($"v1/placements/{id}");
            if (found.StatusCode == HttpStatusCode.NotFound) break;
            await Task.Delay(250);
        }

        var owners = await PlaceAsync("owner", "own", 24, preemptible: false);
        Assert.Equal("bound", (string)owners["outcome"]!);
    }

    [Fact]
    public async Task The_same_again_changes_nothing_and_another_under_the_name_is_declined()
    {
        var body = Body(("twice", "same"), 4, ("fr-one", start, start.AddHours(2)), "");

        var first = await PostAsync("v1/reservations", body);
        var again = await PostAsync("v1/reservations", body);
        var other = await PostAsync(
            "v1/reservations", Body(("twice", "same"), 5, ("fr-one", start, start.AddHours(2)), ""));
        var tooMuch = await PostAsync(
            "v1/reservations", Body(("twice", "more"), 29, ("fr-one", start.AddHours(1), start.AddHours(3)), ""));
        using var ended = await server.Http.DeleteAsync($"v1/reservations/{first.Body["id"]}");
        using var gone = await server.Http.DeleteAsync($"v1/reservations/{first.Body["id"]}");

        Assert.Equal(
            (HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Conflict),
            (first.Status, again.Status, other.Status, tooMuch.Status));
        Assert.Equal($"{first.Body["id"]}", $"{again.Body["id"]}");
        Assert.Contains("1 accelerators are short at 2031-01-01T01:00", $"{tooMuch.Body["detail"]}",
            StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (ended.StatusCode, gone.StatusCode));
    }

    private async Task<List<ReservationAct>> ActAsync(int client)
    {
        var (random, acts, own) = (new Random(client), new List<ReservationAct>(), new List<Guid>());
        for (var step = 0; step < 12; step++)
        {
            if (own.Count > 0 && random.Next(4) == 0)
            {
                using var ended = await server.Http.DeleteAsync($"v1/reservations/{own[0]}");
                Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
                own.RemoveAt(0);
                continue;
            }

            var from = start.AddHours(random.Next(24));
            var daily = random.Next(3) == 0 ? $",\"repeat\":\"daily\",\"repeatUntil\":\"{Text(from.AddDays(9))}\"" : "";
            var body = Body(
                ($"client-{client:00}", $"step-{step:00}"), random.Next(1, 12),
                ("us-one", from, from.AddHours(random.Next(1, 12))), daily);
            var asked = DateTime.UtcNow;
            var (status, answer) = await PostAsync("v1/reservations", body);
            Assert.True(status is HttpStatusCode.Created or HttpStatusCode.Conflict, $"{answer}");
            Guid? id = status == HttpStatusCode.Created ? Guid.Parse((string)answer["id"]!) : null;
            acts.Add(new ReservationAct(id, asked, DateTime.UtcNow));
            if (id is { } granted) own.Add(granted);
        }

        return acts;
    }

    private async Task<List<LedgerRecord>> RecordsAsync()
    {
        var store = new Server.Ledger.LedgerStore(server.Database.Database, new Regions.FleetReader());
        var records = new List<LedgerRecord>();
        await foreach (var record in store.ReadAsync(0, LedgerRecord.NoHash, default)) records.Add(record);
        return records;
    }

    private async Task<JsonNode> PlaceAsync(string tenant, string name, int accelerators, bool preemptible)
    {
        var labels = preemptible ? ""","labels":{"preemptible":"true"}""" : "";
        var (_, body) = await PostAsync("v1/placements", $$"""
            {"tenant":"{{tenant}}","workload":"{{name}}","kind":"batch","dataClass":"public",
             "units":{{accelerators / 8}},             "regions":{"allow":["de-one"]},
             "accelerators":{"count":8},"cpuMilli":1000,"memoryMib":1024{{labels}}}
            """);
        return body;
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(string path, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await server.Http.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    private static string Body(
        (string Tenant, string Name) who, int accelerators,
        (string Region, DateTimeOffset From, DateTimeOffset Until) at, string more) => $$"""
        {"tenant":"{{who.Tenant}}","name":"{{who.Name}}","region":"{{at.Region}}","sku":"h100",
         "accelerators":{{accelerators}},"from":"{{Text(at.From)}}","until":"{{Text(at.Until)}}"{{more}}}
        """;

    private static string Text(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
