namespace ControlPlane.Server.Tests.Api;

/// <summary>Messages that are no sound HTTP, byte for byte: each gets its problem, and the connection ends.</summary>
public sealed class WireTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Post =
        "POST /v1/placements HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\n";

    public static TheoryData<int, string, string, string> Messages => new()
    {
        { 61, "Content-Length and Transfer-Encoding",
            $"{Post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 framing" },
        { 61, "Transfer-Encoding that is not known", $"{Post}Transfer-Encoding: gzip\r\n\r\n", "400 framing" },
        { 61, "Transfer-Encoding that hides chunked", $"{Post}Transfer-Encoding: chunked, identity\r\n\r\n",
            "400 framing" },
        { 62, "two Content-Length", $"{Post}Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "400 framing" },
        { 62, "two Host", "GET /livez HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400 framing" },
        { 62, "no Host", "GET /livez HTTP/1.1\r\n\r\n", "400 framing" },
        { 62, "negative length", $"{Post}Content-Length: -1\r\n\r\n", "400 framing" },
        { 62, "neither length nor chunks is fine and no body", $"{Post}Connection: close\r\n\r\n", "400 body-missing" },
        { 62, "space before a colon", "GET /livez HTTP/1.1\r\nHost : x\r\n\r\n", "400 framing" },
        { 62, "folded header", "GET /livez HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", "400 framing" },
        { 62, "chunk that is no number", $"{Post}Transfer-Encoding: chunked\r\n\r\nzz\r\n", "400 framing" },
        { 63, "request line of 9 KB", $"GET /{new string('a', 9000)} HTTP/1.1\r\nHost: x\r\n\r\n", "414 uri-too-long" },
        { 64, "headers of 40 KB", $"GET /livez HTTP/1.1\r\nHost: x\r\nA: {new string('a', 40_000)}\r\n\r\n",
            "431 headers-too-large" },
        { 64, "200 headers", $"GET /livez HTTP/1.1\r\nHost: x\r\n{Many(200)}\r\n", "431 headers-too-large" },
        { 66, "encoded way out of a path",
            "GET /v1/placements/%2e%2e%2fx HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400 id-format" },
        { 66, "way out of a path", "GET /v1/placements/../../etc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "404 not-found" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task A_malformed_message_gives_its_problem_and_closes(
        int row, string name, string message, string problem)
    {
        var head = await server.HeadAsync();

        var answer = await server.RawAsync(message);

        var status = problem.Split(' ')[0];
        Assert.True(answer.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"H{row} {name}: {answer}");
        var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        var length = answer.Split("\r\n").Single(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal));
        Assert.Equal($"Content-Length: {System.Text.Encoding.UTF8.GetByteCount(body)}", length);
        Assert.Contains("\r\nContent-Type: application/problem+json\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        var reply = new Reply(int.Parse(status), "application/problem+json", body, new Dictionary<string, string>());
        Assert.StartsWith(problem, reply.Problem());
        Assert.Equal(head, await server.HeadAsync());
    }

    [Fact]
    public async Task H65_a_body_that_does_not_come_ends_within_ten_seconds_or_so()
    {
        var started = DateTime.UtcNow;

        var answer = await server.RawAsync($"{Post}Content-Length: 100\r\n\r\n{{");

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("/problems/too-slow", answer, StringComparison.Ordinal);
        Assert.InRange((DateTime.UtcNow - started).TotalSeconds, 1, 20);
    }

    [Fact]
    public async Task H65_headers_that_do_not_come_end_within_ten_seconds_or_so()
    {
        var started = DateTime.UtcNow;

        var answer = await server.RawAsync("GET /livez HTTP/1.1\r\nHost:");

        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), answer);
        Assert.InRange((DateTime.UtcNow - started).TotalSeconds, 1, 20);
    }

    private static string Many(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(index => $"A{index}: b\r\n"));
}
