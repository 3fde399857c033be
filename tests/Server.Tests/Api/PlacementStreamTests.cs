using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Server.Cells;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Tests.Api;

/// <summary>Streams of requests, one a line, and the answers to them.</summary>
public sealed class PlacementStreamTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Every_line_is_answered_in_order_and_what_is_wrong_with_one_stops_no_other()
    {
        string[] lines =
        [
            Line("s1"), Line("s2").Replace("service", "servce"), "", "{\"tenant\":", Line("s3", units: 4000),
            Line("s4"),
            new('x', RequestLimits.BodyBytes + 10), Line("s5").Replace("}", ",\"explain\":true}"),
        ];

        var answers = await SendAsync(lines, "order");

        Assert.Equal(
            [
                "bound s1", "422 value-unknown /kind", "400 json-syntax ", "refused s3", "bound s4",
                "413 body-too-large ", "bound s5",
            ],
            answers.Select(Summary));
        Assert.NotNull(JsonNode.Parse(answers[^1])!["explanation"]);
    }

    [Fact]
    public async Task A_long_stream_is_answered_whole_and_the_same_again_under_the_same_key()
    {
        var lines = Enumerable.Range(0, 2_500).Select(number => Line($"l{number}")).ToArray();

        var first = await SendAsync(lines, "long");
        var head = await server.HeadAsync();
        var again = await SendAsync(lines, "long");

        Assert.Equal(lines.Select((_, number) => $"bound l{number}"), first.Select(Summary));
        Assert.Equal(first, again);
        Assert.Equal(head, await server.HeadAsync());
    }

    [Fact]
    public async Task A_client_that_goes_half_way_leaves_nothing_half_done_and_may_come_again()
    {
        var lines = Enumerable.Range(0, 40).Select(number => Line($"g{number}")).ToArray();
        var body = Encoding.UTF8.GetBytes(string.Concat(lines[..20].Select(line => line + "\n")) + lines[20][..30]);
        using (var client = new TcpClient("127.0.0.1", server.Port))
        {
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                "POST /v1/placements:batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
                + $"Idempotency-Key: gone\r\nAuthorization: Bearer {server.Token}\r\nTransfer-Encoding: chunked\r\n\r\n"
                + $"{body.Length:x}\r\n"));
            await stream.WriteAsync(body);
            await stream.WriteAsync("\r\n"u8.ToArray());
            using var reader = new StreamReader(stream);
            for (var bound = 0; bound < 20;)
            {
                if ((await reader.ReadLineAsync())!.Contains("\"bound\"", StringComparison.Ordinal)) bound++;
            }
        }

        var answers = await SendAsync(lines, "gone");

        Assert.Equal(lines.Select((_, number) => $"bound g{number}"), answers.Select(Summary));
        var decided = (await server.RecordsAsync()).Select(record => record.Event).OfType<PlacementDecided>()
            .Count(decision => decision.IdempotencyKey.StartsWith("gone/", StringComparison.Ordinal));
        Assert.Equal(40, decided);
    }

    [Fact]
    public async Task A_stream_without_a_key_is_told_so()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/placements:batch")
        {
            Content = new StringContent(Line("k"), Encoding.UTF8, ApiOperation.LinesMediaType),
        };

        var reply = await server.SendAsync(request);

        Assert.Equal("400 idempotency-key-missing Idempotency-Key", reply.Problem());
    }

    [Fact]
    public async Task Answers_are_byte_for_byte_what_the_serializer_writes()
    {
        var options = new Microsoft.AspNetCore.Http.Json.JsonOptions().SerializerOptions;
        HttpEdge.Configure(options);
        var (placed, refused, json) = (0, 0, new AnswerJson(ElsewhereDesk.None));
        var nobody = new Caller { Issuer = "", Subject = "", Roles = [] };
        var dice = new Dice(7);
        for (var step = 0; step < 200; step++)
        {
            var request = RandomRequest.Of(dice, SmallFleet.Fleet);
            TimeSpan? hold = dice.Chance(30) ? TimeSpan.FromSeconds(60) : null;
            var place = new Place(
                request, hold, string.Create(CultureInfo.InvariantCulture, $"bytes-{step}"),
                RequestHash.Of(request, hold), Explain: dice.Chance(20));

            var decided = Assert.IsType<Decided>(await server.SubmitAsync(place));

            var expected = JsonSerializer.SerializeToUtf8Bytes(AnswerWriter.Of(decided, place.Explain), options);
            var written = json.Bytes(decided, place.Explain, nobody).ToArray();
            Assert.Equal(Encoding.UTF8.GetString(expected), Encoding.UTF8.GetString(written));
            Assert.Equal(written, json.Bytes(decided, place.Explain, nobody).ToArray());
            if (decided.Event.Decision is Placed) placed++;
            else refused++;
        }

        Assert.True(placed > 20 && refused > 20, $"{placed} placed, {refused} refused: too easy");
    }

    private static string Line(string workload, int units = 1) =>
        $$"""{"tenant":"t1","workload":"{{workload}}","kind":"service","dataClass":"public","units":{{units}},"""
        + $"\"cpuMilli\":{(units == 1 ? 1 : 90_000)},\"memoryMib\":1}}";

    private static string Summary(string line)
    {
        var json = JsonNode.Parse(line)!;
        return json["outcome"] is { } outcome
            ? $"{outcome} {json["workload"]}"
            : $"{json["status"]} {json["errors"]![0]!["slug"]} {json["errors"]![0]!["pointer"]}";
    }

    private async Task<string[]> SendAsync(IEnumerable<string> lines, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/placements:batch")
        {
            Content = new StringContent(string.Join("\n", lines), Encoding.UTF8, ApiOperation.LinesMediaType),
        };
        request.Headers.Add("Idempotency-Key", key);
        var reply = await server.SendAsync(request);
        Assert.Equal((200, ApiOperation.LinesMediaType), (reply.Status, reply.MediaType));
        return reply.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
