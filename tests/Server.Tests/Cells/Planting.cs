using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Tests.Cells;

/// <summary>Puts a word in every place of a cell that takes free text.</summary>
internal sealed class Planting(Cell cell, string word) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = cell.Server.Http.BaseAddress };

    /// <summary>Kinds of places that were planted.</summary>
    public int Places { get; private set; }

    public async Task PlantAsync()
    {
        using var key = ServerKey.LoadOrCreate(cell.Data);
        var issuer = new LocalIssuer(key, TimeProvider.System);
        var token = issuer.Mint(new Dictionary<string, object>
        {
            ["sub"] = $"{word}-user", ["jti"] = $"{word}-token", ["act"] = new Dictionary<string, object>
            {
                ["sub"] = $"{word}-program",
            },
            ["roles"] = Role.All.Where(role => role != Role.SiteAgent && role != Role.Agent)
                .Select(role => role.Name).ToArray(),
            ["scope"] = string.Join(' ', Permission.All.Select(permission => permission.Scope)),
            ["tenants"] = new[] { Caller.EveryTenant }, ["residence"] = LocalIssuer.Anywhere,
        });
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        http.DefaultRequestHeaders.Add("User-Agent", $"{word}-agent");
        http.DefaultRequestHeaders.Add("traceparent", $"00-{Trace()}-{Trace()[..16]}-01");
        http.DefaultRequestHeaders.Add("tracestate", $"{word}={word}");
        http.DefaultRequestHeaders.Add("baggage", $"{word}={word}");

        await SendAsync("/v1/placements", Body("service", "DE"), HttpStatusCode.Created);
        await SendAsync("/v1/placements", Body("batch", "FR"), HttpStatusCode.OK);
        await SendAsync("/v1/placements:plan", Body("gang", "FR"), HttpStatusCode.OK);
        var hold = Body("service", "DE");
        hold["holdSeconds"] = 600;
        await SendAsync("/v1/holds", hold, HttpStatusCode.Created);
        await SendAsync("/v1/reservations", JsonNode.Parse($$"""
            {"tenant":"{{word}}-t","name":"{{word}}-reserved","region":"de-one","sku":"h100","accelerators":1,
             "from":"2030-01-01T20:00:00Z","until":"2030-01-02T04:00:00Z"}
            """)!, HttpStatusCode.Created);
        await SendAsync("/v1/drills", JsonNode.Parse("""{"scenario":"region-lost de-one"}""")!, HttpStatusCode.Created);
        var because = JsonNode.Parse($$"""{"because":"{{word}}-statement"}""")!;
        await SendAsync("/v1/sites/de-one-a:cordon", because, HttpStatusCode.OK);
        await SendAsync("/v1/sites/de-one-a:uncordon", because, HttpStatusCode.OK);
        await SendAsync("/v1/break-glass", JsonNode.Parse(
            $$"""{"permission":"moves:write","reason":"{{word}}-emergency","minutes":30}""")!, HttpStatusCode.OK);
        await SendAsync($"/v1/{word}-path?{word}=1", because, HttpStatusCode.NotFound);
        await SendAsync("/v1/placements", JsonNode.Parse($$"""{"{{word}}":1}""")!, HttpStatusCode.BadRequest);
        // Its log complains about a file that is wrong, by the name of the file and what stands there.
        await File.WriteAllTextAsync(
            Path.Combine(cell.Tree, "policies", $"{word}.yaml"), $"schemaVersion: 1\n{word}: {word}\n");
    }

    public void Dispose() => http.Dispose();

    private static string Trace() => Guid.NewGuid().ToString("n");

    private JsonObject Body(string kind, string country) => JsonNode.Parse($$"""
        {"tenant":"{{word}}-tenant","workload":"{{word}}-work","kind":"{{kind}}","dataClass":"{{word}}-data","units":1,
         "labels":{"{{word}}-key":"{{word}} value"},"residency":["{{country}}"],"accelerators":{"count":8},
         "artefact":{"digest":"sha256:{{new string('a', 64)}}","signedBy":"{{word}}-signer"},
         "cpuMilli":1000,"memoryMib":1024,"explain":true}
        """)!.AsObject();

    private async Task SendAsync(string path, JsonNode body, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", $"{word}-{Guid.NewGuid()}");
        using var answer = await http.SendAsync(request);
        Assert.True(answer.StatusCode == expected, $"{path}: {await answer.Content.ReadAsStringAsync()}");
        Places++;
    }
}
