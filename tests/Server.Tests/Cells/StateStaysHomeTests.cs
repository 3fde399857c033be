using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Server.Cells;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Tests.Placements;
using Dapper;
using Npgsql;
using Xunit.Abstractions;

namespace ControlPlane.Server.Tests.Cells;

/// <summary>What is known in one cell is known in no other place, whatever is asked; shown on real processes.</summary>
public sealed class StateStaysHomeTests(CellRig rig, ITestOutputHelper output) : IClassFixture<CellRig>
{
    private const int LeastTraffic = 10;

    private static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_word_in_every_free_text_of_one_cell_is_nowhere_else_and_a_planted_leak_is_found()
    {
        using (var planting = new Planting(rig.One, rig.Canary))
        {
            await planting.PlantAsync();
            output.WriteLine($"{planting.Places} requests with the word in every text");
        }

        await UntilAsync(() => rig.One.Server.Errors.Contains(rig.Canary, StringComparison.Ordinal), "its log has it");
        await UntilToldAsync(rig.One, 2);
        await UntilToldAsync(rig.Other, 2);

        // That it is found at home, in tables, log of the database and exports alike, shows that it would be found.
        var atHome = new TraceSearch(rig.Canary);
        Assert.NotEmpty(atHome.InFiles(rig.One.Database));
        Assert.NotEmpty(await InTablesAsync(atHome, rig.One));
        Assert.NotEmpty(await InExportsAsync(atHome, rig.One));

        var abroad = new TraceSearch(rig.Canary);
        Assert.Equal([], await AbroadAsync(abroad));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{abroad.Bytes >> 20} MiB searched"));
        Assert.True(abroad.Bytes > 50_000_000, "too little was looked at to say anything");
        Assert.Equal([rig.One.Proxy.Port], RemotePorts(rig.One));

        await LeakThroughTheDirectoryAsync();
        Assert.Single(new TraceSearch(rig.Canary).In("what left one", rig.One.Proxy.Outward));
        Assert.DoesNotContain(
            rig.Canary, await rig.Other.Server.Http.GetStringAsync(At("/v1/cells")), StringComparison.Ordinal);
        await LeakIntoTheOtherCellAsync();
        var leaked = await InTablesAsync(new TraceSearch(rig.Canary), rig.Other);
        Assert.Contains(leaked, found => found.StartsWith("other, table placement", StringComparison.Ordinal));
        Assert.NotEmpty(new TraceSearch(rig.Canary).InFiles(Path.Combine(rig.Other.Database, "data", "pg_wal")));
    }

    [Fact]
    public async Task The_directory_is_killed_under_traffic_and_every_placement_in_each_cell_is_answered()
    {
        await UntilToldAsync(rig.One, 1);
        await UntilToldAsync(rig.Other, 1);
        using var stop = new CancellationTokenSource();
        var (one, other) = (new Counter(), new Counter());
        var traffic = Task.WhenAll(
            TrafficAsync(rig.One, "DE", one, stop.Token), TrafficAsync(rig.Other, "FR", other, stop.Token));
        await UntilAsync(
            () => traffic.IsFaulted || (one.Count >= LeastTraffic && other.Count >= LeastTraffic), "traffic");

        await rig.Directory.KillAsync();
        await UntilFailedAsync(rig.One);
        await UntilFailedAsync(rig.Other);
        var elsewhere = await PlaceAsync(rig.One, "FR");
        var (before, otherBefore) = (one.Count, other.Count);
        await UntilAsync(
            () => traffic.IsFaulted
                || (one.Count >= before + LeastTraffic && other.Count >= otherBefore + LeastTraffic),
            "traffic without the directory");
        await stop.CancelAsync();
        // Whatever was not answered as it should be has ended the traffic with why.
        await traffic;

        output.WriteLine($"answered: {one.Count} and {other.Count}, {before} and {otherBefore} before it was missed");
        // What was known before is still told, with its age.
        Assert.Equal("other", (string?)elsewhere["refusal"]!["elsewhere"]![0]!["cell"]);

        await rig.StartDirectoryAsync();
        await UntilToldAsync(rig.One, 1);
        await UntilToldAsync(rig.Other, 1);
    }

    [Fact]
    public async Task A_refusal_names_the_cell_that_might_take_it_and_nothing_of_the_request_is_sent_there()
    {
        await UntilToldAsync(rig.One, 1);
        await UntilKnownAsync(rig.One, "other");

        var refused = await PlaceAsync(rig.One, "FR");
        var nowhere = await PlaceAsync(rig.One, "GB");

        Assert.Equal("refused", (string?)refused["outcome"]);
        var offer = Assert.Single(refused["refusal"]!["elsewhere"]!.AsArray())!;
        Assert.True((long)offer["ageSeconds"]! < 60);
        offer.AsObject().Remove("ageSeconds");
        Assert.Equal(
            """{"cell":"other","jurisdiction":"FR","region":"fr-one","url":"http://other.example:8420","units":1}""",
            offer.ToJsonString());
        Assert.Null(nowhere["refusal"]!["elsewhere"]);
        // Asking the other cell is the caller's to do, with a token that the other cell believes.
        using var foreign = new HttpRequestMessage(HttpMethod.Get, At("/v1/placements"));
        foreign.Headers.Authorization = rig.One.Server.Http.DefaultRequestHeaders.Authorization;
        using var http = new HttpClient { BaseAddress = rig.Other.Server.Http.BaseAddress };
        using var stranger = await http.SendAsync(foreign);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    [Fact]
    public async Task What_leaves_is_to_the_byte_what_the_cell_shows()
    {
        await UntilToldAsync(rig.One, 1);
        var shown = await rig.One.Server.Http.GetFromJsonAsync<JsonObject>(At("/v1/cell/report"));
        var before = rig.One.Proxy.Outward.Length;
        using var pushed = await rig.One.Server.Http.PostAsync(At("/v1/cell:push"), null);
        Assert.Equal(HttpStatusCode.OK, pushed.StatusCode);

        var left = Encoding.UTF8.GetString(rig.One.Proxy.Outward[before..]);

        var first = left[..(left.IndexOf("]}]}", StringComparison.Ordinal) + "]}]}".Length)];
        Assert.Equal(WithoutMoment((string)shown!["text"]!), WithoutMoment(first));
    }

    [Fact]
    public async Task A_ledger_stays_with_its_cell_and_a_directory_takes_nothing_from_strangers()
    {
        using var stranger = ServerKey.LoadOrCreate(Path.Combine(rig.Other.Data));
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var message = new CellMessage("PUT", "/v1/cells/one", new("one"), now)
        {
            Body = "{}"u8.ToArray(),
        };
        using var http = new HttpClient();
        using var forged = message.ToRequest(rig.Directory.Http.BaseAddress!, stranger.Sign(message.Signed()));
        using var asked = new HttpRequestMessage(HttpMethod.Get, new Uri(rig.Directory.Http.BaseAddress!, "/v1/cells"));

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.SendAsync(forged)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.SendAsync(asked)).StatusCode);
        var regions = await rig.One.Server.Http.GetFromJsonAsync<JsonObject>(At("/v1/regions"));
        Assert.Equal(["de-one"], regions!["regions"]!.AsArray().Select(region => (string)region!["id"]!));
    }

    private static Uri At(string path) => new(path, UriKind.Relative);

    /// <summary>Moment and signature differ from one message to the next.</summary>
    private static string WithoutMoment(string message) => string.Join('\n', message.Split("\r\n")
        .Where(line => !line.StartsWith(CellMessage.AtHeader, StringComparison.Ordinal)
            && !line.StartsWith(CellMessage.SignatureHeader, StringComparison.Ordinal)));

    /// <summary>Everything outside the first cell that could have heard of it.</summary>
    private async Task<List<string>> AbroadAsync(TraceSearch search)
    {
        var found = new List<string>();
        found.AddRange(search.In("what left one", rig.One.Proxy.Outward));
        found.AddRange(search.In("what came to one", rig.One.Proxy.Inward));
        found.AddRange(search.In("what left other", rig.Other.Proxy.Outward));
        found.AddRange(search.In("what came to other", rig.Other.Proxy.Inward));
        found.AddRange(search.InMemory(rig.Directory.Id).Select(place => $"directory, {place}"));
        found.AddRange(search.In("log of the directory", rig.Directory.Errors));
        found.AddRange(search.InMemory(rig.Other.Server.Id).Select(place => $"other, {place}"));
        found.AddRange(search.In("log of other", rig.Other.Server.Errors));
        found.AddRange(search.InFiles(rig.Other.Data));
        if (!rig.Other.Database.StartsWith(rig.Other.Data, StringComparison.Ordinal))
            found.AddRange(search.InFiles(rig.Other.Database));
        found.AddRange(search.InFiles(rig.Other.Heads));
        found.AddRange(await InTablesAsync(search, rig.Other));
        found.AddRange(await InExportsAsync(search, rig.Other));
        return found;
    }

    /// <summary>Every row of every table as text, so that nothing that is stored compressed is overlooked.</summary>
    private static async Task<List<string>> InTablesAsync(TraceSearch search, Cell cell)
    {
        await using var connection = new NpgsqlConnection(cell.ConnectionString);
        var tables = (await connection.QueryAsync<string>(
            "select table_name from information_schema.tables where table_schema = 'public' order by 1")).ToList();
        Assert.True(tables.Count > 10, $"{tables.Count} tables");
        var found = new List<string>();
        foreach (var table in tables)
        {
            var rows = await connection.QueryAsync<string>($"select t::text from \"{table}\" t");
            found.AddRange(search.In($"{cell.Name}, table {table}", string.Join('\n', rows)));
            // Bytes are shown in hexadecimal; what is inside as base64 or text is looked for in the bytes themselves.
            foreach (var row in rows.SelectMany(HexOf)) found.AddRange(search.In($"{cell.Name}, table {table}", row));
        }

        return found;
    }

    private static IEnumerable<byte[]> HexOf(string row) => row.Split('"', ',', '(', ')')
        .Where(part => part.StartsWith("\\\\x", StringComparison.Ordinal))
        .Select(part => Convert.FromHexString(part[3..]));

    private static async Task<List<string>> InExportsAsync(TraceSearch search, Cell cell)
    {
        var found = new List<string>();
        string[] paths =
        [
            "/v1/placements", "/v1/reservations", "/v1/regions", "/v1/sites", "/v1/node-pools", "/v1/policies/sets",
            "/v1/drills", "/v1/site-conditions", "/v1/reports/capacity", "/v1/reports/board", "/v1/usage", "/v1/cell",
            "/v1/cells", "/v1/cell/report", "/v1/audit/head", "/readyz?verbose", "/metrics", "/openapi/v1.json",
        ];
        foreach (var path in paths)
        {
            using var answer = await cell.Server.Http.GetAsync(At(path));
            found.AddRange(search.In($"{cell.Name}, {path}", await answer.Content.ReadAsByteArrayAsync()));
            found.AddRange(search.In($"{cell.Name}, headers of {path}", $"{answer.Headers}{answer.Content.Headers}"));
        }

        var ledger = await cell.Server.Http.GetFromJsonAsync<JsonObject>(At("/v1/ledger?page_size=500"));
        foreach (var record in ledger!["records"]!.AsArray())
            found.AddRange(search.In($"{cell.Name}, ledger", Convert.FromBase64String((string)record!["body"]!)));
        return found;
    }

    /// <summary>Where the server has connections to, other than those that came to it.</summary>
    private static List<int> RemotePorts(Cell cell)
    {
        var sockets = Directory.EnumerateFiles($"/proc/{cell.Server.Id}/fd")
            .Select(path => new FileInfo(path).LinkTarget ?? "")
            .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal))
            .Select(target => target[8..^1]).ToHashSet();
        return
        [
            .. new[] { "/proc/net/tcp", "/proc/net/tcp6" }.SelectMany(File.ReadAllLines)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields.Length > 9 && sockets.Contains(fields[9]))
                .Where(fields => PortOf(fields[1]) != cell.Server.Http.BaseAddress!.Port)
                .Select(fields => PortOf(fields[2])).Distinct(),
        ];
    }

    private static int PortOf(string address) => Convert.ToInt32(address[(address.LastIndexOf(':') + 1)..], 16);

    /// <summary>A defect that tells the directory a name, as a cell's own key would sign it.</summary>
    private async Task LeakThroughTheDirectoryAsync()
    {
        using var key = ServerKey.LoadOrCreate(rig.One.Data);
        var at = DateTimeOffset.UtcNow.AddSeconds(2).ToUnixTimeMilliseconds();
        var message = new CellMessage("PUT", "/v1/cells/one", new("one"), at)
        {
            Body = Encoding.UTF8.GetBytes($$"""{"form":1,"cell":"{{rig.Canary}}","sites":[]}"""),
        };
        using var http = new HttpClient();
        using var request = message.ToRequest(
            new Uri($"http://127.0.0.1:{rig.One.Proxy.Port}"), key.Sign(message.Signed()));
        using var answer = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.DoesNotContain(rig.Canary, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task LeakIntoTheOtherCellAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/placements")
        {
            Content = new StringContent(
                BadBodies.With("workload", $"\"{rig.Canary}\""), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", "leak");
        using var answer = await rig.Other.Server.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        await UntilAsync(
            async () => (await rig.Other.Server.Http.GetStringAsync(At("/v1/placements")))
                .Contains(rig.Canary, StringComparison.Ordinal),
            "it is there");
    }

    private static async Task TrafficAsync(Cell cell, string country, Counter answered, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var placed = await PlaceAsync(cell, country);
            Assert.Equal("bound", (string?)placed["outcome"]);
            using var gone = await cell.Server.Http.DeleteAsync(
                At($"/v1/placements/{placed["id"]}"), CancellationToken.None);
            Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
            answered.Add();
        }
    }

    private sealed class Counter
    {
        private int count;

        public int Count => Volatile.Read(ref count);

        public void Add() => Interlocked.Increment(ref count);
    }

    private static async Task<JsonObject> PlaceAsync(Cell cell, string country)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/placements")
        {
            Content = new StringContent(
                BadBodies.With("residency", $"[\"{country}\"]"), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", $"{Guid.NewGuid()}");
        using var answer = await cell.Server.Http.SendAsync(request, CancellationToken.None);
        var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!.AsObject();
    }

    private static async Task<JsonObject> CellAsync(Cell cell) =>
        (await cell.Server.Http.GetFromJsonAsync<JsonObject>(At("/v1/cell")))!;

    /// <summary>Waits until the directory was told so many times more.</summary>
    private static async Task UntilToldAsync(Cell cell, int times)
    {
        for (var seen = 0; seen < times; seen++)
        {
            var since = DateTimeOffset.UtcNow;
            await UntilAsync(
                async () => (await CellAsync(cell))["lastExchange"] is { } last
                    && (string?)last["outcome"] == "told" && (DateTimeOffset)last["at"]! >= since,
                $"the directory is told by {cell.Name}");
        }
    }

    private static Task UntilFailedAsync(Cell cell) => UntilAsync(
        async () => (string?)(await CellAsync(cell))["lastExchange"]!["outcome"] == "failed",
        $"{cell.Name} finds the directory gone");

    private static Task UntilKnownAsync(Cell cell, string other) => UntilAsync(
        async () => (await cell.Server.Http.GetFromJsonAsync<JsonObject>(At("/v1/cells?sku=h100&free=8")))!["cells"]!
            .AsArray().Any(known => (string?)known!["cell"] == other),
        $"{cell.Name} knows of {other}");

    private static Task UntilAsync(Func<bool> holds, string what) => UntilAsync(() => Task.FromResult(holds()), what);

    private static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var deadline = DateTime.UtcNow + patience;
        while (!await holds())
        {
            Assert.True(DateTime.UtcNow < deadline, $"not within {patience}: {what}");
            await Task.Delay(100);
        }
    }
}
