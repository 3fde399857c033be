using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Tests.Api;
using ControlPlane.Server.Tests.Placements;
using Xunit.Abstractions;

namespace ControlPlane.Server.Tests.Identity;

/// <summary>
/// Thousands of requests made by a grammar, of two tenants: some as they should be, most with something wrong in them.
/// </summary>
public sealed class GrammarTests(TestServer server, ITestOutputHelper output) : IClassFixture<TestServer>
{
    private const int Requests = 5_000;
    private const int AtOnce = 4;
    private static readonly string[] tenants = ["secret-tenant-amber", "secret-tenant-birch"];
    private static readonly int[] declared = [503];

    [Fact]
    public async Task Nothing_breaks_everything_wrong_is_told_and_nobody_hears_of_another_tenant()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TEST_SEED"), out var given)
            ? given
            : Random.Shared.Next();
        output.WriteLine($"TEST_SEED={seed}");
        var (valid, wrong) = (0, new List<string>());
        var statuses = new SortedDictionary<int, int>();
        var gate = new Lock();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (number, _) =>
            {
                var made = new Grammar(new Random(unchecked((seed * 7919) + number)), number % tenants.Length).Make();
                var reply = await SendAsync(made);
                var fault = Fault(made, reply);
                lock (gate)
                {
                    if (reply.Status < 300) valid++;
                    statuses[reply.Status] = statuses.GetValueOrDefault(reply.Status) + 1;
                    if (fault is not null) wrong.Add($"{number}: {fault}: {made.Method} {made.Path} {made.Body}");
                }
            });

        output.WriteLine($"{Requests} requests, {valid} good: "
            + string.Join(", ", statuses.Select(item => $"{item.Key} x {item.Value}")));
        Assert.Empty(wrong);
        Assert.True(valid >= Requests / 5, $"TEST_SEED={seed}: only {valid} of {Requests} were good");
    }

    private static string? Fault(Made made, Reply reply)
    {
        if (reply.Status >= 500 && !declared.Contains(reply.Status)) return $"{reply.Status} {reply.Text}";
        if (reply.Text.Contains(tenants[1 - made.Tenant], StringComparison.Ordinal) && !made.NamesOther)
            return $"the other tenant is in {reply.Text}";
        if (reply.Status < 400 || made.Method == "HEAD") return null;
        return reply.MediaType == "application/problem+json" && reply.Problem().Length > 0 ? null : "no problem";
    }

    private Task<Reply> SendAsync(Made made)
    {
        var request = new HttpRequestMessage(new HttpMethod(made.Method), made.Path);
        if (made.Body is { } body)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", made.ContentType);
        }

        if (made.Key is { } key) request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens[made.Tenant]);
        return server.SendAnonymousAsync(request);
    }

    private readonly string[] tokens = [.. tenants.Select(tenant => server.Issuer.Mint(new Dictionary<string, object>
    {
        ["sub"] = $"user-of-{tenant}",
        ["roles"] = new[] { "tenant-admin" },
        ["scope"] = string.Join(' ', Permission.All.Select(permission => permission.Scope)),
        ["tenants"] = new[] { tenant },
    }))];

    private sealed record Made(int Tenant, string Method, string Path)
    {
        public byte[]? Body { get; init; }
        public string ContentType { get; init; } = "application/json";
        public string? Key { get; init; }

        /// <summary>Whether the request itself names the other tenant, which its answer may then repeat.</summary>
        public bool NamesOther { get; init; }
    }

    private sealed class Grammar(Random random, int tenant)
    {
        private static readonly string[] members =
        [
            "tenant", "workload", "kind", "dataClass", "labels", "residency", "excludeAccessLaws", "regions", "units",
            "accelerators", "cpuMilli", "memoryMib", "spread", "homeRegion", "priority", "deadline", "explain", "extra",
        ];

        private static readonly string[] values =
        [
            "null", "true", "-1", "0", "1", "1.5", "1e30", "9999999999999999999", "\"\"", "\"x\"", "\"DE\"", "\"UK\"",
            "\"\\u0000\"", "\"\\ud800\"", "\"\\u202e\"", "\"../x\"", "\"'; drop table placement; --\"", "[]",
            "[\"DE\"]",
            "[1]", "{}", "{\"count\":1}", "{\"count\":0}", "{\"allow\":[]}", "[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]",
            "\"2020-01-01T00:00:00Z\"", "\"2999-01-01T00:00:00Z\"", "{\"a\":\"b\"}",
        ];

        private static readonly string[] paths =
        [
            "/v1/placements", "/v1/placements?page_size=5", "/v1/regions", "/v1/sites?page_size=0", "/v1/skus/none",
            "/v1/node-pools", "/v1/placements/01890000-0000-7000-8000-000000000000", "/v1/placements/%2e%2e%2fx",
            "/v1/placements?state=held", "/v1/decisions/01890000-0000-7000-8000-000000000000", "/v1/ledger",
            "/v1/ledger/head", "/v1/policies", "/v1/reports/capacity", "/v1/audit/head", "/v1/nothing",
            "/v1/regions/de-one",
            "/v1/placements?page_token=x", "/livez", "/problems/not-found",
        ];

        public Made Make() => random.Next(10) switch
        {
            < 3 => new Made(tenant, "GET", paths[random.Next(paths.Length)]),
            3 => new Made(tenant, random.Next(2) == 0 ? "DELETE" : "PUT", paths[random.Next(paths.Length)]),
            < 7 => Post(Sound()),
            7 => Post(Broken(Sound())),
            8 => Post(Foreign()) with { NamesOther = true },
            _ => Post(Changed()),
        };

        private Made Post(string body)
        {
            var path = random.Next(4) switch { 0 => "/v1/placements", 1 => "/v1/holds", _ => "/v1/placements:plan" };
            if (path == "/v1/holds" && body.StartsWith('{') && body.Length > 2)
                body = body.Insert(1, "\"holdSeconds\":1,");
            return new Made(tenant, "POST", path)
            {
                Body = Encoding.UTF8.GetBytes(body),
                ContentType = random.Next(20) == 0 ? "text/plain" : "application/json",
                Key = random.Next(20) == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"k{random.Next()}"),
            };
        }

        private string Sound()
        {
            var node = JsonNode.Parse(BadBodies.Good)!.AsObject();
            node["tenant"] = tenants[tenant];
            node["workload"] = string.Create(CultureInfo.InvariantCulture, $"w{random.Next(1000)}");
            return node.ToJsonString();
        }

        private string Foreign() => Sound().Replace(tenants[tenant], tenants[1 - tenant], StringComparison.Ordinal);

        /// <summary>One to three members with other values, or gone.</summary>
        private string Changed()
        {
            var node = JsonNode.Parse(Sound())!.AsObject();
            for (var times = random.Next(3); times >= 0; times--)
            {
                var member = members[random.Next(members.Length)];
                node.Remove(member);
                if (random.Next(5) == 0) continue;
                var text = node.ToJsonString();
                return $"{text[..^1]}{(text.Length > 2 ? "," : "")}\"{member}\":{values[random.Next(values.Length)]}}}";
            }

            return node.ToJsonString();
        }

        private string Broken(string body) => random.Next(4) switch
        {
            0 => body[..random.Next(body.Length)],
            1 => body.Insert(random.Next(body.Length), "\u0001"),
            2 => $"{body}{body}",
            _ => new string('[', random.Next(1, 300)),
        };
    }
}
