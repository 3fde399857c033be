using System.Net.Http.Headers;
using System.Text;
using ControlPlane.Server.Tests.Placements;

namespace ControlPlane.Server.Tests.Api;

/// <summary>Inputs that must be refused, over a real socket: status, slug and pointer, and nothing changed.</summary>
public sealed class BadInputTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Absent = "01890000-0000-7000-8000-000000000000";

    public static TheoryData<int, string> Bodies()
    {
        var data = new TheoryData<int, string>();
        foreach (var bad in BadBodies.All) data.Add(bad.Row, bad.Name);
        return data;
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_bad_body_gives_its_problem_for_a_placement_and_a_plan_and_changes_nothing(int row, string name)
    {
        var bad = BadBodies.All.Single(bad => bad.Name == name && bad.Row == row);
        var status = bad.Row is 1 or 2 or 4 or 11 or 12 or 13 or 14 ? 400 : 422;
        var head = await server.HeadAsync();

        var placed = await server.PostAsync("/v1/placements", bad.ToBytes());
        var planned = await server.PostAsync("/v1/placements:plan", bad.ToBytes(), key: "");

        Assert.Equal($"{status} {bad.Slug} {bad.Pointer}".TrimEnd(), placed.Problem());
        Assert.Equal($"{status} {bad.Slug} {bad.Pointer}".TrimEnd(), planned.Problem());
        Assert.Equal(head, await server.HeadAsync());
    }

    /// <summary>Row, what is wrong, method and path, headers, and the problem.</summary>
    public static TheoryData<int, string, string, string, string> Requests => new()
    {
        { 3, "YAML content type", "POST /v1/placements", "Content-Type: application/yaml",
            "415 media-type Content-Type" },
        { 3, "no content type", "POST /v1/placements", "Content-Type:", "415 media-type Content-Type" },
        { 3, "other character set", "POST /v1/placements", "Content-Type: application/json; charset=utf-16",
            "415 media-type Content-Type" },
        { 31, "no key", "POST /v1/placements", "Idempotency-Key:", "400 idempotency-key-missing Idempotency-Key" },
        { 31, "no key for a hold", "POST /v1/holds", "Idempotency-Key:",
            "400 idempotency-key-missing Idempotency-Key,/holdSeconds" },
        { 34, "key of 2 KB", "POST /v1/placements", $"Idempotency-Key: {new string('k', 2048)}",
            "400 idempotency-key-format Idempotency-Key" },
        { 34, "key of 256", "POST /v1/placements", $"Idempotency-Key: {new string('k', 256)}",
            "400 idempotency-key-format Idempotency-Key" },
        { 34, "key with a space", "POST /v1/placements", "Idempotency-Key: a b",
            "400 idempotency-key-format Idempotency-Key" },
        { 35, "If-Match that is no epoch", $"DELETE /v1/placements/{Absent}", "If-Match: 1",
            "400 header-format If-Match" },
        { 36, "PUT: nothing is replaced, so there is none", $"PUT /v1/placements/{Absent}", "", "405 method" },
        { 37, "delete of what is declared in files", "DELETE /v1/regions/de-one", "", "405 method" },
        { 38, "id of nothing", $"GET /v1/placements/{Absent}", "", "404 not-found" },
        { 38, "decision of nothing", $"GET /v1/decisions/{Absent}", "", "404 not-found" },
        { 38, "replay of nothing", $"GET /v1/decisions/{Absent}/replay", "", "404 not-found" },
        { 38, "hold of nothing", $"POST /v1/holds/{Absent}:confirm", "", "404 not-found" },
        { 38, "region of nothing", "GET /v1/regions/mars", "", "404 not-found" },
        { 38, "path of nothing", "GET /v1/nothing", "", "404 not-found" },
        { 38, "problem of nothing", "GET /problems/nothing", "", "404 not-found" },
        { 39, "forged page token", "GET /v1/regions?page_token=Zm9yZ2Vk", "", "400 page-token ?page_token" },
        { 39, "page token that is no base64", "GET /v1/regions?page_token=%20!", "", "400 page-token ?page_token" },
        { 39, "empty page token", "GET /v1/placements?page_token=", "", "400 page-token ?page_token" },
        { 39, "page token of the ledger", "GET /v1/ledger?page_token=AAAA", "", "400 page-token ?page_token" },
        { 40, "page of a million", "GET /v1/placements?page_size=1000000", "", "422 out-of-range ?page_size" },
        { 40, "page of nothing", "GET /v1/skus?page_size=0", "", "422 out-of-range ?page_size" },
        { 40, "page of minus one", "GET /v1/sites?page_size=-1", "", "422 out-of-range ?page_size" },
        { 40, "position of no number", "GET /v1/ledger?after=x", "", "422 out-of-range ?after" },
        { 4, "unknown parameter", "GET /v1/regions?pagesize=2", "", "400 unknown-field ?pagesize" },
        { 4, "parameter where none is known", "GET /v1/ledger/head?x=1", "", "400 unknown-field ?x" },
        { 11, "parameter twice", "GET /v1/regions?page_size=2&page_size=3", "", "400 json-duplicate ?page_size" },
        { 0, "unknown state", "GET /v1/placements?state=boun", "", "422 value-unknown ?state" },
        { 18, "path for a name", "GET /v1/placements?tenant=../x", "", "422 name-format ?tenant" },
        { 41, "id that is no UUID", "GET /v1/placements/seven", "", "400 id-format id" },
        { 41, "UUID without hyphens", $"DELETE /v1/placements/{Absent.Replace("-", "")}", "", "400 id-format id" },
        { 41, "hold that is no UUID", "POST /v1/holds/seven:confirm", "", "400 id-format id" },
        { 41, "region of bad form", "GET /v1/regions/De_One", "", "400 id-format id" },
        { 42, "wrong method", "PATCH /v1/placements", "", "405 method" },
        { 42, "GET of a plan", "GET /v1/placements:plan", "", "405 method" },
        { 43, "Accept of XML", "GET /v1/regions", "Accept: text/xml", "406 not-acceptable Accept" },
        { 43, "Accept of XML for a placement", "POST /v1/placements", "Accept: text/xml", "406 not-acceptable Accept" },
        { 43, "Accept that rules JSON out", "GET /v1/regions",
            "Accept: text/*, application/json;q=0, application/problem+json;q=0", "406 not-acceptable Accept" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_bad_request_gives_its_problem_and_changes_nothing(
        int row, string name, string request, string header, string problem)
    {
        var head = await server.HeadAsync();

        var reply = await server.SendAsync(Message(request, header));

        Assert.True(problem == reply.Problem(), $"A{row} {name}: {reply.Problem()}, not {problem}: {reply.Text}");
        Assert.Equal(head, await server.HeadAsync());
        if (reply.Status == 405) Assert.NotEmpty(reply.Headers["Allow"]);
    }

    [Theory]
    [InlineData("*/*")]
    [InlineData("application/*")]
    [InlineData("text/xml;q=0.5, application/json")]
    [InlineData("application/problem+json")]
    public async Task What_covers_JSON_is_accepted(string accept) =>
        Assert.Equal(200, (await server.SendAsync(Message("GET /v1/regions", $"Accept: {accept}"))).Status);

    [Fact]
    public async Task A20_ten_thousand_labels_are_too_many_where_such_a_body_may_be_sent()
    {
        var labels = string.Join(",", Enumerable.Range(0, 10_000).Select(index => $"\"l{index}\":\"\""));
        var request = BadBodies.With("labels", $"{{{labels}}}");

        var alone = await server.PostAsync("/v1/placements", request);
        var inBatch = await server.PostAsync("/v1/placements:batch", $$"""{"requests":[{{request}}]}""");

        Assert.Equal("413 body-too-large", alone.Problem());
        Assert.Equal("422 too-many /requests/0/labels", inBatch.Problem());
    }

    [Fact]
    public async Task A21_a_body_over_the_limit_is_refused_whether_its_length_is_told_or_not()
    {
        var head = await server.HeadAsync();
        var large = new string(' ', 65_537);

        var told = await server.PostAsync("/v1/placements", large);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/v1/placements");
        chunked.Content = new StringContent(large);
        chunked.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        chunked.Headers.Add("Idempotency-Key", "large");
        chunked.Headers.TransferEncodingChunked = true;
        var untold = await server.SendAsync(chunked);
        var batch = await server.PostAsync("/v1/placements:batch", new string(' ', 4_194_305));

        Assert.Equal("413 body-too-large", told.Problem());
        Assert.Equal("413 body-too-large", untold.Problem());
        Assert.Equal("413 body-too-large", batch.Problem());
        Assert.Equal(head, await server.HeadAsync());
    }

    [Fact]
    public async Task What_was_sent_comes_back_short_and_without_what_changes_how_text_is_shown()
    {
        var longName = new string('x', 40_000);
        var reply = await server.PostAsync(
            "/v1/placements", BadBodies.With("workload", $"\"\\u202e\\u0000<script>{longName}\""));
        var unknown = await server.PostAsync("/v1/placements", BadBodies.With($"\u202e{longName}", "1"));

        Assert.DoesNotContain('\u202e', reply.Text);
        Assert.InRange(reply.Text.Length, 1, 1000);
        Assert.Equal(400, unknown.Status);
        Assert.Equal("nosniff", unknown.Headers["X-Content-Type-Options"]);
    }

    [Fact]
    public async Task HEAD_is_GET_without_a_body_and_OPTIONS_tells_the_methods()
    {
        var get = await server.GetAsync("/v1/regions");
        var head = await server.SendAsync(Message("HEAD /v1/regions", ""));
        var missing = await server.SendAsync(Message("HEAD /v1/regions/mars", ""));
        var options = await server.SendAsync(Message("OPTIONS /v1/placements", ""));

        Assert.Equal((200, "application/json", ""), (head.Status, head.MediaType, head.Text));
        Assert.Equal((404, "application/problem+json", ""), (missing.Status, missing.MediaType, missing.Text));
        Assert.Equal((204, "", "GET, HEAD, POST"), (options.Status, options.Text, options.Headers["Allow"]));
        Assert.Equal(200, get.Status);
    }

    private static HttpRequestMessage Message(string request, string header)
    {
        var (method, path) = request.Split(' ', 2) is [var first, var second] ? (first, second) : (request, "");
        var message = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
        {
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(BadBodies.Good));
            message.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            message.Headers.Add("Idempotency-Key", $"{Guid.NewGuid()}");
        }

        if (header.Length == 0) return message;
        var (name, value) = (header[..header.IndexOf(':')], header[(header.IndexOf(':') + 1)..].Trim());
        if (name == "Content-Type") message.Content!.Headers.Remove(name);
        else message.Headers.Remove(name);
        if (value.Length == 0) return message;
        if (name == "Content-Type") message.Content!.Headers.TryAddWithoutValidation(name, value);
        else message.Headers.TryAddWithoutValidation(name, value);
        return message;
    }
}
